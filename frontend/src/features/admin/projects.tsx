/** Projects: what workflows and credentials belong to, with roles of their own. */
import { Folder, Plus } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMayEverywhere } from "@/api/session";
import { FormDialog } from "@/parts/form-dialog";
import { Listed } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Id } from "@/ui/copy";
import { ConfirmAct } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { RowMenu } from "@/ui/menu";
import { actions, RowName } from "@/ui/table";
import { ProjectMembers } from "./project-members";
import { made } from "./shared";

type Project = Schemas["Project"];
type Asked = { kind: "new" } | { kind: "members" | "rename" | "delete"; of: Project } | null;
const AGAIN = [keys.projects, keys.admin("projects").slice(0, 2)];

export function Projects() {
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  // Whoever manages users of a project alone gives roles in it, and no more.
  const mayAll = useMayEverywhere("users:manage");
  return (
    <>
      <Listed
        label="Projects"
        queryKey={keys.admin("projects")}
        read={(cursor) =>
          got(api.GET("/api/v1/projects", { params: { query: { limit: 50, cursor } } }))
        }
        id={(item) => item.id}
        icon={Folder}
        empty="No projects yet"
        action={
          mayAll && (
            <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
              New project
            </Button>
          )
        }
        columns={[
          {
            id: "name",
            head: "Name",
            cell: (item) => (
              <RowName onClick={() => setAsked({ kind: "members", of: item })}>{item.name}</RowName>
            ),
          },
          { id: "id", head: "Id", width: "320px", cell: (item) => <Id of={item.id} length={40} /> },
          made,
          actions((item: Project) => (
            <RowMenu
              of={item.name}
              items={[
                { label: "Members", onSelect: () => setAsked({ kind: "members", of: item }) },
                { label: "Rename", onSelect: () => setAsked({ kind: "rename", of: item }) },
                ...(mayAll
                  ? ([
                      "line",
                      {
                        label: "Delete",
                        danger: true,
                        onSelect: () => setAsked({ kind: "delete", of: item }),
                      },
                    ] as const)
                  : []),
              ]}
            />
          )),
        ]}
      >
        A project holds workflows and credentials that not everybody may see; its members have roles
        of their own in it.
      </Listed>
      {asked?.kind === "new" && <Edit onClose={close} />}
      {asked?.kind === "members" && <ProjectMembers of={asked.of} onClose={close} />}
      {asked?.kind === "rename" && <Edit of={asked.of} onClose={close} />}
      {asked?.kind === "delete" && <Delete of={asked.of} onClose={close} />}
    </>
  );
}

function Edit({ of, onClose }: { of?: Project; onClose: () => void }) {
  const [once] = useState(onceKey);
  const save = useAct(
    ({ name = "" }: Record<string, string>) =>
      of
        ? got(
            api.PUT("/api/v1/projects/{project_id}", {
              params: { path: { project_id: of.id }, header: { "If-Match": match(of) } },
              body: { name },
            }),
          )
        : got(
            api.POST("/api/v1/projects", {
              params: { header: { "Idempotency-Key": once } },
              body: { name },
            }),
          ),
    { again: AGAIN, after: onClose },
  );
  return (
    <FormDialog
      title={of ? `Rename ${of.name}` : "New project"}
      verb={of ? "Rename" : "Make the project"}
      act={save}
      onClose={onClose}
    >
      <Field label="Name">
        <Input name="name" required maxLength={200} defaultValue={of?.name} />
      </Field>
    </FormDialog>
  );
}

function Delete({ of, onClose }: { of: Project; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/projects/{project_id}", {
          params: { path: { project_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: AGAIN, after: onClose, said: `${of.name} is deleted.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      Only an empty project is deleted: move its workflows first.
    </ConfirmAct>
  );
}

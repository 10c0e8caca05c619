/** Copying, deleting and importing a workflow. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/api/act";
import { ApiError, api, authorised, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { ConfirmAct, Dialog } from "@/ui/dialog";
import { Field, Input, TextArea } from "@/ui/field";
import { Select } from "@/ui/select";
import { Refused } from "@/ui/states";

type Item = Schemas["WorkflowInList"];

export function useProjects(): readonly Schemas["Project"][] {
  const { data } = useQuery({
    queryKey: keys.projects,
    queryFn: () => got(api.GET("/api/v1/projects", { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
  });
  return data?.items ?? [];
}

export function Clone({ of, onClose }: { of: Item; onClose: () => void }) {
  const navigate = useNavigate();
  const projects = useProjects();
  const clone = useAct(
    ({ name, project }: Record<string, string>) =>
      got(
        api.POST("/api/v1/workflows/{workflow_id}/clone", {
          params: { path: { workflow_id: of.id } },
          body: { name: name ?? null, project: project || null },
        }),
      ),
    {
      again: [["workflows"]],
      after: (made) => void navigate({ to: "/workflows/$id", params: { id: made.id } }),
    },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Copy ${of.name}`}
      description="The draft is copied, not its versions and runs."
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="clone" busy={clone.busy}>
            Copy
          </Button>
        </>
      }
    >
      <form id="clone" className="flex flex-col gap-4 pb-2" onSubmit={sent(clone.run)}>
        <Field label="Name">
          <Input name="name" required maxLength={200} defaultValue={`${of.name} (copy)`} />
        </Field>
        {projects.length > 0 && (
          <Field label="Project">
            <Select
              name="project"
              defaultValue={of.project ?? ""}
              options={[
                { value: "", label: "None" },
                ...projects.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          </Field>
        )}
        <Refused error={clone.error} />
      </form>
    </Dialog>
  );
}

export function Delete({ of, onClose }: { of: Item; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/workflows/{workflow_id}", {
          params: { path: { workflow_id: of.id }, header: { "If-Match": "*" } },
        }),
      ),
    { again: [["workflows"]], after: onClose, said: `${of.name} is deleted.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      It starts no runs any more; those under way go on. Versions and runs stay readable.
    </ConfirmAct>
  );
}

export function Import({ project, onClose }: { project: string | undefined; onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const take = useAct(
    async (definition: string) => {
      const json = /^\s*\{/.test(definition);
      const query = project ? `?project=${encodeURIComponent(project)}` : "";
      const answer = await authorised(
        new Request(`${location.origin}/api/v1/workflows${query}`, {
          method: "POST",
          headers: { "Content-Type": json ? "application/json" : "application/yaml" },
          body: definition,
        }),
      );
      const said = await answer.json();
      if (!answer.ok) {
        const { code, message, details, request_id } = said.error;
        throw new ApiError(answer.status, code, message, details, request_id);
      }
      return said as Schemas["Workflow"];
    },
    {
      again: [["workflows"]],
      after: (made) => void navigate({ to: "/workflows/$id", params: { id: made.id } }),
    },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Import a definition"
      description="A workflow as JSON or YAML, as exports and repositories hold it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            disabled={!text.trim()}
            busy={take.busy}
            onClick={() => take.run(text)}
          >
            Import
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        <Field label="File">
          <Input
            type="file"
            accept=".json,.yaml,.yml"
            className="h-auto py-1"
            onChange={(event) => {
              void event.target.files?.[0]?.text().then(setText);
            }}
          />
        </Field>
        <Field label="Or its text">
          <TextArea
            className="mono min-h-48 text-12"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Refused error={take.error} />
      </div>
    </Dialog>
  );
}

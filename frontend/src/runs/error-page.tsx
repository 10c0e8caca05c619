/** The page of an error's code: what happened, why, and what to do. */
import { useParams } from "@tanstack/react-router";
import { BookOpen } from "lucide-react";
import { Page } from "@/app/page";
import { Empty, Loading } from "@/ui/states";
import { Prose } from "./prose";
import { useErrorPages } from "./use-error-pages";

export default function ErrorPage() {
  const { code } = useParams({ from: "/inside/errors/$code" });
  const pages = useErrorPages();
  const found = pages?.pageOf(code);
  return (
    <Page title={code} wide={false}>
      {!pages && <Loading rows={4} />}
      {pages && !found && (
        <Empty icon={BookOpen} title="No page of ours says more about this code">
          It is one that a worker or a definition has chosen: ask whoever wrote it.
        </Empty>
      )}
      {found?.map((section) => (
        <section key={section.title} className="mb-6">
          <h2 className="mb-1 text-14">{section.title}</h2>
          <Prose text={section.text} />
        </section>
      ))}
    </Page>
  );
}

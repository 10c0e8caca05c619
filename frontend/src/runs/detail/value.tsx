/** A value of a run: inspected here, copied, downloaded. Large ones lie outside and are fetched. */
import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import { type ApiError, asError } from "@/api/client";
import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Loading, Refused } from "@/ui/states";
import {
  addressOf,
  localSource,
  type Reference,
  referenceOf,
  remoteSource,
  type Source,
} from "../source";
import { Inspector } from "./inspector";

/** Larger values are offered for download before they are opened. */
const OPENED_BY_ITSELF = 64_000_000;

interface Shown {
  name: string;
  /** No higher than what it shows. */
  fits?: boolean;
}

export function Value({ value, runId, ...rest }: Shown & { value: unknown; runId: string }) {
  const reference = referenceOf(value);
  if (reference) return <Kept key={reference.key} reference={reference} runId={runId} {...rest} />;
  return <Inline value={value} {...rest} />;
}

function Inline({ value, name, fits = false }: Shown & { value: unknown }) {
  const [source, setSource] = useState(() => localSource(value));
  useEffect(() => setSource(localSource(value)), [value]);
  const text = () => JSON.stringify(value, null, 2) ?? "null";
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Bar
        size={null}
        copy={text}
        download={() => save(new Blob([text()], { type: "application/json" }), `${name}.json`)}
      />
      <Inspector source={source} label={name} fits={fits} />
    </div>
  );
}

function Kept({
  reference,
  runId,
  name,
  fits = false,
}: Shown & { reference: Reference; runId: string }) {
  const [wanted, want] = useState(reference.size <= OPENED_BY_ITSELF);
  const [source, setSource] = useState<Source | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const address = addressOf(runId, reference);
  const isText = reference.mediaType.startsWith("text/");
  const readable = isText || reference.mediaType === "application/json";
  useEffect(() => {
    if (!wanted || !readable) return;
    let gone = false;
    let made: Source | null = null;
    remoteSource(address, isText)
      .then((found) => {
        made = found;
        if (gone) found.close();
        else setSource(found);
      })
      .catch((thrown) => !gone && setError(asError(thrown)));
    return () => {
      gone = true;
      made?.close();
    };
  }, [address, isText, wanted, readable]);
  const extension = reference.mediaType === "application/json" ? "json" : isText ? "txt" : "bin";
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Bar size={reference.size} link={{ href: address, file: `${name}.${extension}` }} />
      {error && <Refused error={error} />}
      {!readable && <p className="p-3 text-fg2">{reference.mediaType} is not shown here.</p>}
      {readable && !wanted && (
        <div className="p-3">
          <Button onClick={() => want(true)}>Open {bytes(reference.size)}</Button>
        </div>
      )}
      {wanted && readable && !source && !error && <Loading rows={4} what="Reading the value" />}
      {source && <Inspector source={source} label={name} fits={fits} />}
    </div>
  );
}

function Bar({
  size,
  copy,
  download,
  link,
}: {
  size: number | null;
  copy?: () => string;
  download?: () => void;
  link?: { href: string; file: string };
}) {
  return (
    <div className="flex h-8 shrink-0 items-center gap-1 border-b border-line text-12 text-fg3">
      {size !== null && <span className="mono">{bytes(size)}, kept outside the log</span>}
      <span className="flex-1" />
      {copy && <CopyButton text={copy()} what="the value" />}
      {download && (
        <Button small kind="quiet" icon={Download} onClick={download}>
          Download
        </Button>
      )}
      {link && (
        <a
          href={link.href}
          download={link.file}
          className="inline-flex h-7 items-center gap-2 rounded-control px-3 text-13 text-fg2 hover:bg-bg2 hover:text-fg"
        >
          <Download size={16} strokeWidth={1.5} aria-hidden />
          Download
        </a>
      )}
    </div>
  );
}

function save(content: Blob, file: string): void {
  const href = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = href;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 1_000);
}

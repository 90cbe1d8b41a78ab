import { useQuery } from "@tanstack/react-query";
import { Tabs } from "radix-ui";
import { type ReactNode, useState } from "react";
import { ask } from "../live/admin";
import { clientsOf, problemOf } from "../live/clients";
import { Clock } from "../live/clock";
import { Button } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Check, TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { Panel, Skeleton } from "../parts/panel";
import { defaultPlace, messageOf } from "../server";
import { Keys } from "../shell/help";
import { type Theme, themes, useTheme } from "../theme";

interface Option {
  name: string;
  value: string;
  source: "flag" | "environment" | "file" | "profile" | "default";
  origin: string;
  default: string;
  description: string;
  variables: string[];
}

// A Config is what GET /_admin/config says: docs/admin-api.md.
interface Config {
  version: string;
  go: string;
  platform: string;
  store: string;
  data: string;
  endpoints: string[];
  clients: string;
  warnings: string[];
  options: Option[];
}

// Settings is about the server and about the browser itself.
export function Settings() {
  const config = useQuery({ queryKey: ["config"], queryFn: ({ signal }) => ask<Config>("GET", "/_admin/config", undefined, signal) });
  const failure = (title: string) =>
    config.isError ? (
      <Failure title={title} message={messageOf(config.error)}>
        <Button onClick={() => void config.refetch()}>Try again</Button>
      </Failure>
    ) : (
      <Skeleton rows={4} />
    );
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div>
        <h1 className="text-xl font-semibold">Settings</h1>
        <p className="mt-1 text-muted">The browser makes no request to anyone but this server.</p>
      </div>
      <Panel title="Server">{config.data ? <Server config={config.data} /> : failure("The server does not tell what it is")}</Panel>
      <Connect />
      <Clock />
      <div className="grid gap-4 xl:grid-cols-2">
        <Panel title="Theme">
          <ThemeChoice />
        </Panel>
        <Panel title="Keys">
          <Keys />
          <p className="mt-3 text-muted">The pages of a table have more: press ? there.</p>
        </Panel>
      </div>
      <Panel title="Options of the server">{config.data ? <Options options={config.data.options} /> : failure("The options cannot be read")}</Panel>
      <Licences />
    </div>
  );
}

function Server({ config }: { config: Config }) {
  const rows: [string, ReactNode][] = [
    ["Version", `stator ${config.version}, ${config.go}, ${config.platform}`],
    ["Tables are kept", config.store === "memory" ? "in memory: they are gone when it ends" : config.data],
    ["Listens at", config.endpoints.join(", ")],
    ["For clients", config.clients],
  ];
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
      {config.warnings.length > 0 ? (
        <ul className="mt-3 list-disc rounded-md border border-line bg-raised py-2 pe-3 ps-8">
          {config.warnings.map((w) => (
            <li key={w}>{w}</li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

// Connect shows how programs get to the server.
function Connect() {
  const [account, setAccount] = useState(defaultPlace.account);
  const [region, setRegion] = useState(defaultPlace.region);
  const place = { account: account.trim(), region: region.trim() };
  const problem = problemOf(place);
  const clients = clientsOf(window.location.origin, problem ? defaultPlace : place);
  return (
    <Panel title="Connect a program">
      <p className="mb-3 max-w-prose text-muted">The access key says whose tables they are: the number of the account, or anything else for {defaultPlace.account}. Secrets are not looked at. The browser itself asks with the account’s number.</p>
      <div className="mb-3 flex max-w-xl flex-col gap-3 sm:flex-row">
        <TextField label="Account" inputMode="numeric" value={account} onChange={(e) => setAccount(e.target.value)} />
        <TextField label="Region" value={region} onChange={(e) => setRegion(e.target.value)} />
      </div>
      {problem ? (
        <p role="alert" className="text-danger">
          {problem}
        </p>
      ) : (
        <Tabs.Root defaultValue={clients[0]?.name}>
          <Tabs.List className="mb-2 flex flex-wrap gap-1" aria-label="Language">
            {clients.map(({ name }) => (
              <Tabs.Trigger
                key={name}
                value={name}
                className="cursor-pointer rounded-md px-2.5 py-1.5 font-medium text-muted hover:bg-raised data-[state=active]:bg-raised data-[state=active]:text-ink"
              >
                {name}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          {clients.map(({ name, needs, text }) => (
            <Tabs.Content key={name} value={name} tabIndex={-1}>
              {needs ? <p className="mb-2 text-muted">{needs}</p> : null}
              <Snippet label={`code for ${name}`} text={text} />
            </Tabs.Content>
          ))}
        </Tabs.Root>
      )}
    </Panel>
  );
}

const themeNames: Record<Theme, string> = { system: "As the system has it", light: "Light", dark: "Dark" };

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">Theme</legend>
      {themes.map((t) => (
        <label key={t} className="flex cursor-pointer items-center gap-2.5">
          <input type="radio" name="theme" className="size-4 accent-accent" checked={theme === t} onChange={() => setTheme(t)} />
          {themeNames[t]}
        </label>
      ))}
    </fieldset>
  );
}

const head = "px-3 py-2 text-start font-medium whitespace-nowrap";
const cell = "px-3 py-2 align-top";

function Options({ options }: { options: Option[] }) {
  const [text, setText] = useState("");
  const [set, setSet] = useState(false);
  const sought = text.trim().toLowerCase();
  const shown = options.filter((o) => (!set || o.source !== "default") && [o.name, o.description, ...o.variables].some((t) => t.toLowerCase().includes(sought)));
  const changed = options.filter((o) => o.source !== "default").length;
  return (
    <>
      <p className="mb-3 max-w-prose text-muted">As they were when it began: what a flag, a variable, a file or a profile has set, and by which. They are changed where they are set, and hold after a restart.</p>
      <div className="mb-3 flex flex-wrap items-center gap-x-6 gap-y-3">
        <div className="w-72">
          <TextField hidden label="Find an option" placeholder="Find an option or variable" type="search" value={text} onChange={(e) => setText(e.target.value)} />
        </div>
        <Check label={`Only what is set (${changed})`} checked={set} onChange={(e) => setSet(e.target.checked)} />
      </div>
      {shown.length === 0 ? (
        <p className="py-6 text-center text-muted">{set && sought === "" ? "Nothing is set: all is as it is by default." : "There is no such option."}</p>
      ) : (
        <div role="region" tabIndex={0} aria-label="Options" className="max-h-[32rem] overflow-auto rounded-md border border-line">
          <table className="w-full border-collapse">
            <thead className="sticky top-0 bg-panel text-muted">
              <tr className="border-b border-line">
                <th className={head}>Option</th>
                <th className={head}>Value</th>
                <th className={head}>Set by</th>
                <th className={head}>What it does</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((o) => (
                <tr key={o.name} className="border-b border-line last:border-0">
                  <th scope="row" className={`${cell} text-start font-mono text-[13px] font-medium whitespace-nowrap`}>
                    --{o.name}
                  </th>
                  <td className={`${cell} max-w-72 min-w-24 font-mono text-[13px] break-words`}>{o.value || <span className="font-sans text-muted">nothing</span>}</td>
                  <td className={`${cell} min-w-24 break-words ${o.source === "default" ? "text-muted" : "font-medium"}`}>{o.origin}</td>
                  <td className={`${cell} min-w-64 text-muted`}>
                    {o.description.replaceAll("`", "")}
                    {o.source !== "default" && o.default ? ` By default: ${o.default}.` : ""}
                    {o.variables.length > 0 ? <span className="mt-1 block font-mono text-xs break-words">{o.variables.map((v) => `$${v}`).join(" ")}</span> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

// Licences shows those of what is built in, once somebody wants to see them.
function Licences() {
  const [open, setOpen] = useState(false);
  const licences = useQuery({
    queryKey: ["licences"],
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const answer = await fetch("./licences.txt", { signal });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text;
    },
  });
  return (
    <Panel
      title="Licences"
      actions={
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide them" : "Show them"}
        </Button>
      }
    >
      <p className="text-muted">Of the libraries that are built into the browser.</p>
      {open && licences.isPending ? <Skeleton rows={4} /> : null}
      {open && licences.isError ? (
        <Failure title="The licences cannot be read" message={messageOf(licences.error)}>
          <Button onClick={() => void licences.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {open && licences.data ? (
        <pre tabIndex={0} aria-label="Licences" className="mt-3 max-h-96 overflow-auto rounded-md border border-line bg-raised p-3 font-mono text-xs whitespace-pre-wrap">
          {licences.data}
        </pre>
      ) : null}
    </Panel>
  );
}

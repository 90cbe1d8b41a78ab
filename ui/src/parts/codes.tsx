import { Tabs } from "radix-ui";
import { useMemo } from "react";
import type { Call } from "../code/call";
import { codesOf } from "../code/codes";
import { type Kept, useKept } from "../kept";
import type { Place } from "../server";
import { Snippet } from "./copy";

const liked: Kept<string> = { name: "stator.language", initial: "AWS CLI", read: (stored) => (typeof stored === "string" ? stored : undefined) };

// Codes shows requests as code, in the language that was chosen last. It has all
// languages with it: import it only where it is shown.
export function Codes({ calls, place }: { calls: readonly Call[]; place: Place }) {
  const [language, setLanguage] = useKept(liked);
  const codes = useMemo(() => codesOf(calls, place, window.location.origin), [calls, place]);
  const chosen = codes.find((c) => c.name === language) ?? codes[0];
  return (
    <Tabs.Root value={chosen?.name ?? ""} onValueChange={setLanguage}>
      <Tabs.List className="mb-2 flex flex-wrap gap-1" aria-label="Language">
        {codes.map(({ name }) => (
          <Tabs.Trigger key={name} value={name} className="cursor-pointer rounded-md px-2.5 py-1.5 font-medium text-muted hover:bg-raised data-[state=active]:bg-raised data-[state=active]:text-ink">
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {codes.map(({ name, text, why }) => (
        <Tabs.Content key={name} value={name} tabIndex={-1}>
          {text === undefined ? <p className="rounded-md border border-line bg-raised p-3">{why}</p> : <Snippet label={`code for ${name}`} text={text} />}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

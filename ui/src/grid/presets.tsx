import { useState } from "react";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { TextField } from "../parts/field";

// NamePreset asks how the columns as they are now shall be called.
export function NamePreset({ taken, close, keep }: { taken: readonly string[]; close: () => void; keep: (name: string) => void }) {
  const [name, setName] = useState("");
  const as = name.trim();
  return (
    <Dialog open close={close} title="Keep these columns" text="Their order, their widths, which of them are hidden and which stay in sight are kept in this browser, for this table.">
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (as) keep(as);
        }}
      >
        <TextField label="Name" value={name} onChange={(e) => setName(e.target.value)} autoFocus maxLength={60} hint={taken.includes(as) ? "It takes the place of the one that has this name." : undefined} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!as}>
            Keep
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

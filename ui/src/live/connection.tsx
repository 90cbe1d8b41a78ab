import { CircleAlert, CircleCheck, CircleOff, CirclePause, Loader } from "lucide-react";
import type { Connection } from "../events";

const looks = {
  connecting: { Icon: Loader, text: "Connecting…", colour: "text-muted" },
  open: { Icon: CircleCheck, text: "Connected", colour: "text-good" },
  lost: { Icon: CircleAlert, text: "Connection lost, trying again", colour: "text-danger" },
  hidden: { Icon: CirclePause, text: "Waits while the page is hidden", colour: "text-muted" },
  ended: { Icon: CircleOff, text: "Ended", colour: "text-muted" },
};

// ConnectionState tells how it stands with a page of events, to those who do not see it, too.
export function ConnectionState({ connection }: { connection: Connection }) {
  const { Icon, text, colour } = looks[connection.state];
  return (
    <span role="status" className={`inline-flex items-center gap-1.5 ${colour}`} title={connection.state === "lost" ? connection.message : undefined}>
      <Icon size={16} aria-hidden />
      {text}
    </span>
  );
}

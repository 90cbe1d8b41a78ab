import { useRef, useState } from "react";
import { count } from "../format";
import { Button } from "./button";

// A Job is work that takes a while: it tells how far it is and can be stopped.
export interface Job {
  // signal is aborted when the work is to stop.
  signal: AbortSignal;
  // progress tells how many are done, and of how many if that is known.
  progress: (done: number, total?: number) => void;
}

interface State {
  title: string;
  done: number;
  total?: number;
}

// useWork returns what runs a job, one at a time, and the state of the one that
// runs. run returns when the job has ended; a job that is stopped ends as it likes.
export function useWork() {
  const [state, setState] = useState<State>();
  const controller = useRef<AbortController>(undefined);
  const run = async <T,>(title: string, work: (job: Job) => Promise<T>): Promise<T> => {
    const mine = new AbortController();
    controller.current = mine;
    setState({ title, done: 0 });
    try {
      return await work({ signal: mine.signal, progress: (done, total) => setState({ title, done, total }) });
    } finally {
      setState(undefined);
    }
  };
  return { state, run, stop: () => controller.current?.abort() };
}

// Progress shows a job that runs, with a button that stops it.
export function Progress({ work }: { work: ReturnType<typeof useWork> }) {
  const { state, stop } = work;
  if (!state) return null;
  const { title, done, total } = state;
  return (
    <div role="status" className="flex items-center gap-3 rounded-md border border-line bg-raised px-3 py-2">
      <span className="font-medium">{title}</span>
      <progress className="h-2 min-w-24 flex-1 accent-accent" aria-label={title} {...(total ? { value: done, max: total } : {})} />
      <span className="tabular-nums">
        {count(done)}
        {total === undefined ? "" : ` of ${count(total)}`}
      </span>
      <Button onClick={stop}>Stop</Button>
    </div>
  );
}

import { Table2 } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Button } from "../parts/button";
import { Empty, Panel, Skeleton } from "../parts/panel";
import type { ChartData } from "./usage";

// Lines differ by colour and by how they are dashed: each look is for one of them.
const looks: { light: string; dark: string; dash: number[] }[] = [
  { light: "#0f766e", dark: "#5eead4", dash: [] },
  { light: "#b45309", dark: "#fbbf24", dash: [8, 4] },
  { light: "#6d28d9", dark: "#c4b5fd", dash: [2, 3] },
  { light: "#be123c", dark: "#fda4af", dash: [10, 3, 2, 3] },
  { light: "#1d4ed8", dark: "#93c5fd", dash: [14, 5] },
  { light: "#4d7c0f", dark: "#bef264", dash: [5, 2, 1, 2, 1, 2] },
];

const lookOf = (i: number) => looks[i % looks.length] ?? { light: "", dark: "", dash: [] };

function useDark(): boolean {
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const observer = new MutationObserver(() => setDark(isDark()));
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return dark;
}

interface Props {
  title: string;
  hint?: ReactNode;
  data: ChartData;
  seconds: number; // how much is shown, up to the last point
  format: (n: number) => string;
  none: string; // said if there is no line
  whole?: boolean; // there are no parts of what is counted
}

const height = 190;

// clock shows times without the day, in hours and minutes, or to the second.
const clock = (seconds: number, exact: boolean) => new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...(exact ? { second: "2-digit" } : {}) });

const wholes = Array.from({ length: 16 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat();

// lonely returns which points of a line have none beside them: they would not be seen.
function lonely(u: uPlot, line: number): number[] {
  const values = u.data[line] ?? [];
  const there = (i: number) => values[i] !== null && values[i] !== undefined;
  return Array.from(values, (_, i) => i).filter((i) => there(i) && !there(i - 1) && !there(i + 1));
}

// Chart draws lines over time; the same can be had as a table.
export default function Chart({ title, hint, data, seconds, format, none, whole = false }: Props) {
  const waiting = data.times.length === 0;
  const [table, setTable] = useState(false);
  const [at, setAt] = useState<number>(); // the point below the pointer
  const id = useId();
  const dark = useDark();
  const chosen = at !== undefined && at < data.times.length ? at : undefined;
  const shown = (values: (number | null)[]) => (chosen === undefined ? values.findLast((v) => v !== null) : values[chosen]);
  const value = (v: number | null | undefined) => (v === null || v === undefined ? "–" : format(v));
  const said = data.series.map((s) => `${s.label}: ${value(shown(s.values))}`).join(", ");
  return (
    <Panel
      title={title}
      actions={
        data.series.length > 0 && !waiting ? (
          <Button className="h-8" aria-pressed={table} aria-controls={id} onClick={() => setTable(!table)}>
            <Table2 size={14} aria-hidden />
            As a table
          </Button>
        ) : null
      }
    >
      <div id={id} className="min-h-[190px]">
        {waiting ? (
          <Skeleton label="Waiting for the first second…" />
        ) : data.series.length === 0 ? (
          <Empty title={none} />
        ) : table ? (
          <AsTable title={title} data={data} value={value} />
        ) : (
          <>
            <div role="img" aria-label={`${title}, now ${said}`}>
              <Plot data={data} seconds={seconds} format={format} dark={dark} whole={whole} onPoint={setAt} />
            </div>
            <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
              {data.series.map((s, i) => (
                <li key={s.label} className="inline-flex items-center gap-1.5">
                  <svg width={26} height={8} aria-hidden>
                    <line x1={0} x2={26} y1={4} y2={4} stroke={dark ? lookOf(i).dark : lookOf(i).light} strokeWidth={2} strokeDasharray={lookOf(i).dash.join(" ")} />
                  </svg>
                  {s.label}
                  <span className="font-medium tabular-nums">{value(shown(s.values))}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {hint ? <p className="mt-2 text-muted">{hint}</p> : null}
    </Panel>
  );
}

function AsTable({ title, data, value }: { title: string; data: ChartData; value: (v: number | null | undefined) => string }) {
  return (
    <div role="region" tabIndex={0} aria-label={`${title}, as a table`} className="h-60 overflow-auto rounded-md border border-line">
      <table className="w-full">
        <thead className="sticky top-0 bg-panel text-muted">
          <tr className="border-b border-line">
            <th className="px-3 py-1.5 text-start font-medium">Time</th>
            {data.series.map((s) => (
              <th key={s.label} className="px-3 py-1.5 text-end font-medium">
                {s.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.times
            .map((time, i) => (
              <tr key={time} className="border-b border-line last:border-0">
                <th scope="row" className="px-3 py-1 text-start font-normal tabular-nums">
                  {new Date(time * 1000).toLocaleTimeString()}
                </th>
                {data.series.map((s) => (
                  <td key={s.label} className="px-3 py-1 text-end tabular-nums">
                    {value(s.values[i])}
                  </td>
                ))}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  );
}

interface PlotProps {
  data: ChartData;
  seconds: number;
  format: (n: number) => string;
  dark: boolean;
  whole: boolean;
  onPoint: (point?: number) => void;
}

function Plot({ data, seconds, format, dark, whole, onPoint }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const labels = data.series.map((s) => s.label).join("\n");
  const columns: uPlot.AlignedData = [data.times, ...data.series.map((s) => s.values)];
  const now = useRef({ columns, seconds, format, onPoint });
  now.current = { columns, seconds, format, onPoint };

  // Another set of lines, or another theme, is another plot.
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    const [ink, grid] = dark ? ["#a3afbb", "#2a343f"] : ["#52606d", "#e3e8ec"];
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui, sans-serif" };
    const made = new uPlot(
      {
        width: at.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { time: true, range: (_, __, max) => [max - now.current.seconds, max] },
          y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
        },
        axes: [{ ...axis, space: 70, values: (_, splits, __, ___, step) => splits.map((v) => clock(v, step < 60)) }, { ...axis, size: 84, ...(whole ? { incrs: wholes } : {}), values: (_, splits) => splits.map((v) => now.current.format(v)) }],
        series: [{}, ...labels.split("\n").map((label, i) => ({ label, stroke: dark ? lookOf(i).dark : lookOf(i).light, width: 2, dash: lookOf(i).dash, points: { show: true, size: 5, filter: lonely } }))],
        hooks: { setCursor: [(u) => now.current.onPoint(u.cursor.idx ?? undefined)] },
      },
      now.current.columns,
      at,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [labels, dark, whole]);

  useEffect(() => {
    plot.current?.setData(now.current.columns);
  }, [data, seconds]);

  return <div ref={box} className="min-w-0" style={{ height }} />;
}

import { useEffect } from "react";
import { type Kept, useKept } from "./kept";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const chosen: Kept<Theme> = { name: "stator.theme", initial: "system", read: (v) => themes.find((t) => t === v) };
const dark = window.matchMedia("(prefers-color-scheme: dark)");

// useTheme returns the theme that was chosen, and applies it to the document.
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useKept(chosen);
  useEffect(() => {
    const apply = () => {
      document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    };
    apply();
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [theme]);
  return [theme, setTheme];
}

import { useEffect, useState } from "react";

export type Theme = "light" | "dark" | "system";

const kept = "stator.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function read(): Theme {
  const theme = localStorage.getItem(kept);
  return theme === "light" || theme === "dark" ? theme : "system";
}

// useTheme returns the theme that was chosen, and applies it to the document.
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(read);
  useEffect(() => {
    const apply = () => {
      document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    };
    apply();
    localStorage.setItem(kept, theme);
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [theme]);
  return [theme, setTheme];
}

import { Link, Outlet } from "@tanstack/react-router";
import { Monitor, Moon, Sun } from "lucide-react";
import { Toaster } from "sonner";
import { IconButton } from "./parts/button";
import { useTheme, type Theme } from "./theme";

const next: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

// Shell is what stands around every page.
export function Shell() {
  const [theme, setTheme] = useTheme();
  const Icon = { system: Monitor, light: Sun, dark: Moon }[theme];
  return (
    <div className="flex min-h-screen flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:m-2 focus:bg-panel focus:p-2" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>
        Skip to the page
      </a>
      <header className="flex h-12 items-center gap-4 border-b border-line bg-panel px-4">
        <Link to="/" className="flex items-center gap-2 font-semibold">
          <img src="./icon.svg" alt="" width={22} height={22} />
          stator
        </Link>
        <span className="hidden text-muted sm:inline">the part of a dynamo that stays put</span>
        <span className="flex-1" />
        <IconButton label={`Theme: ${theme}. Change to ${next[theme]}`} onClick={() => setTheme(next[theme])}>
          <Icon size={16} aria-hidden />
        </IconButton>
      </header>
      <main id="main" tabIndex={-1} className="flex w-full min-w-0 flex-1 flex-col p-4 outline-none sm:p-6">
        <Outlet />
      </main>
      <Toaster theme={theme} position="bottom-right" richColors closeButton />
    </div>
  );
}

export function NotFound() {
  return (
    <div className="py-16 text-center">
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-2 text-muted">
        All tables are in the{" "}
        <Link to="/" className="text-accent underline">
          overview
        </Link>
        .
      </p>
    </div>
  );
}

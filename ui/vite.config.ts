import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { licences } from "./licences.ts";

// The build is part of the repository: names without hashes keep its diffs small.
export default defineConfig({
  base: "./",
  plugins: [react(), tailwind(), licences()],
  build: {
    outDir: "../internal/ui/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
  server: { proxy: { "^/(?!_ui|src|@|node_modules)": "http://127.0.0.1:4566" } },
});

// Before anything is painted the page has its theme: what theme.ts does later on,
// when the script has come.
(() => {
  const kept = localStorage.getItem("stator.theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = kept === "light" || kept === "dark" ? kept : dark ? "dark" : "light";
})();

// What the server says of itself in the first page: internal/server/browser.go.
const given = typeof document === "undefined" ? {} : document.documentElement.dataset;

// version is the server's.
export const version = given.version ?? "";

// readOnly says that nothing is to be changed: the server refuses it anyway, so no page
// offers it.
export const readOnly = given.readOnly !== undefined;

/** The page's policy takes scripts and workers only from where the page itself lies. */
interface Policies {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => unknown;
}

const policies = (window as { trustedTypes?: Policies }).trustedTypes;

policies?.createPolicy("default", {
  createScriptURL: (url) => {
    if (new URL(url, location.href).origin === location.origin) return url;
    throw new TypeError(`A script from elsewhere is refused: ${url}`);
  },
});

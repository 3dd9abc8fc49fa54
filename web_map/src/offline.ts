// The page offline: kept by the service worker, and the reader sees it while it lasts.

/** Let the service worker keep this page, and say so when it came from there or the line is lost. */
export function startOffline(base: string, tell: (isOffline: boolean) => void): void {
  if (document.documentElement.dataset["offline"] === "1" || !navigator.onLine) tell(true);
  addEventListener("offline", () => tell(true));
  addEventListener("online", () => tell(false));
  if (!("serviceWorker" in navigator) || window.top !== window) return;
  navigator.serviceWorker.register(`${base}/sw.js`, { scope: `${base}/` }).then(keepThis, (error: unknown) => {
    console.warn("service worker:", error);
  });
}

/** What the page was made of before the worker was there. */
async function keepThis(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  const files = document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[rel=stylesheet]");
  const urls = [...files].map((file) => (file instanceof HTMLScriptElement ? file.src : file.href));
  active?.postMessage([location.href, ...urls]);
}

// The service worker and its updates. A new version takes over only when nobody is writing.
import { ref } from "vue";
import { drafts } from "./state";

export const updateReady = ref(false);
export const offlineReady = ref(false);
let waiting: ServiceWorker | null = null;
let staleShell = false;
/** outdated: another page has let a new version in, and this one still runs the old. */
export const outdated = (): boolean => staleShell;

export function registerWorker(): void {
  const sw = navigator.serviceWorker;
  // Plain http and some WebViews have none: the app works, only opening it without a network does not. 出发前检查 says so.
  if (!sw || import.meta.env.DEV) return;
  offlineReady.value = !!sw.controller;
  addEventListener("load", () => {
    sw.register("/sw.js", { updateViaCache: "none" }).then(watch, () => undefined);
  });
  let going = false;
  const first = !sw.controller;
  sw.addEventListener("controllerchange", () => {
    offlineReady.value = true;
    if (first || going) return;
    // A page where somebody writes is not pulled away: it changes when it is left.
    if (/^\/(sheet|start|cancel)/.test(location.pathname)) return void (staleShell = true);
    going = true;
    location.reload();
  });
}

function watch(r: ServiceWorkerRegistration): void {
  const look = (w: ServiceWorker | null) => {
    if (!w) return;
    const state = () => {
      if (w.state !== "installed" || !navigator.serviceWorker.controller) return;
      waiting = w;
      updateReady.value = true;
      // Just opened and nothing begun: change at once, nobody notices.
      if (!drafts.value.length && performance.now() < 5000) takeOver();
    };
    w.addEventListener("statechange", state);
    state();
  };
  look(r.waiting);
  look(r.installing);
  r.addEventListener("updatefound", () => look(r.installing));
  setInterval(() => void r.update().catch(() => undefined), 3600_000);
}

/** takeOver lets the waiting version in; the page is loaded anew when it has. */
export function takeOver(): void {
  waiting?.postMessage({ type: "take-over" });
}

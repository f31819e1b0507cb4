// The service worker and its updates. A new version takes over only when nobody is writing and nothing is on its way.
import { computed, ref, watch as watchFor } from "vue";
import { draftRows, items, loaded } from "./state";

export const updateReady = ref(false);
export const offlineReady = ref(false);
const sending = computed(() => items.value.some((i) => i.state === "sending"));
/** The tap may come now: nothing is being sent. What is being written is saved on every change and stays. */
export const updateCalm = computed(() => updateReady.value && !sending.value);
let waiting: ServiceWorker | null = null;
let registration: ServiceWorkerRegistration | null = null;
let staleShell = false;
/** outdated: another page has let a new version in, and this one still runs the old. */
export const outdated = (): boolean => staleShell;

/** The pages where somebody writes: they are never pulled away. */
const writing = /^\/(sheet|start|cancel|correct|ticket)/;

export function registerWorker(): void {
  const sw = navigator.serviceWorker;
  // Plain http and some WebViews have none: the app works, only opening it without a network does not. 出发前检查 says so.
  if (!sw || import.meta.env.DEV) return;
  offlineReady.value = !!sw.controller;
  sw.controller?.postMessage({ type: "booted" });
  const register = () => void sw.register("/sw.js", { updateViaCache: "none" }).then(watch, () => undefined);
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
  let going = false;
  const first = !sw.controller;
  sw.addEventListener("controllerchange", () => {
    offlineReady.value = true;
    if (first || going) return;
    going = true;
    whenIdle(() => location.reload());
  });
}

/** Between two records nothing is on its way for a moment; only a pause is the end. */
const pause = 1000;
/** whenIdle: once nothing is on its way, or at the next tap to another page; where somebody writes, only then. */
function whenIdle(change: () => void): void {
  if (!sending.value && !writing.test(location.pathname)) return change();
  staleShell = true;
  if (!sending.value) return;
  const stop = watchFor(sending, (s) => {
    if (s) return;
    stop();
    setTimeout(() => whenIdle(change), pause);
  });
}

function watch(r: ServiceWorkerRegistration): void {
  registration = r;
  const look = (w: ServiceWorker | null) => {
    if (!w) return;
    const state = () => {
      if (w.state !== "installed" || !navigator.serviceWorker.controller) return;
      waiting = w;
      updateReady.value = true;
      // Just opened, nothing begun and nothing on its way: change at once, nobody notices.
      if (loaded.value && !draftRows.value.length && !items.value.some((i) => i.state !== "sent") && performance.now() < 5000) takeOver();
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

/** lookForUpdate asks the server for a newer app; it never fails. */
export async function lookForUpdate(): Promise<void> {
  await registration?.update().catch(() => undefined);
}

interface InstallPrompt extends Event { prompt: () => Promise<unknown> }
let prompt: InstallPrompt | null = null;
/** home: is the app on the home screen, and may we offer to put it there? */
export const home = {
  offered: ref(false),
  installed: (): boolean => matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true,
  async install(): Promise<void> {
    await prompt?.prompt().catch(() => undefined);
    prompt = null;
    home.offered.value = false;
  },
};
addEventListener("beforeinstallprompt", (e) => {
  e.preventDefault();
  prompt = e as InstallPrompt;
  home.offered.value = true;
});

import { createApp } from "vue";
import "../ui/tokens.css";
import "./field.css";
import "../ui/trusted";
import App from "./App.vue";
import { router } from "./router";
import { registerWorker } from "./update";
import { calm, contact, me, ready, shelf } from "./state";

if (localStorage.getItem("elder") === "1") document.documentElement.setAttribute("data-elder", "");
const start = () => createApp(App).use(router).mount("#app");
// Who was logged in is known from the last glance: the first page stands while the database is still being opened.
if (me.value) start();
// The first picture first: what follows would hold it up. A page in the background is never painted: it waits no longer.
const painted = me.value ? new Promise<void>((ok) => (requestAnimationFrame(() => setTimeout(() => void calm(150).then(ok))), setTimeout(ok, 400))) : Promise.resolve();
setTimeout(() => ready(), 20_000); // a store that hangs must not bar the way for ever
void painted.then(shelf).then(async ({ boot, box }) => {
  if (!me.value) await boot().finally(start);
  else await boot();
  ready();
  // The glance was wrong: the browser has cleared the database, or somebody logged out in another tab.
  if (!me.value && router.currentRoute.value.meta.open !== true) await router.replace("/login");
  for (const e of ["pointerdown", "keydown", "visibilitychange"]) document.addEventListener(e, () => box.touch(), { passive: true });
  addEventListener("online", () => void contact("network"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void contact("open"));
  setInterval(() => document.visibilityState === "visible" && void contact("timer"), 30_000);
  registerWorker();
  await calm();
  await contact("open");
});

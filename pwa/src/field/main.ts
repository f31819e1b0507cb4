import { createApp } from "vue";
import "../ui/tokens.css";
import "./field.css";
import App from "./App.vue";
import { router } from "./router";
import { registerWorker } from "./update";
import { boot, box, contact, me } from "./state";

if (localStorage.getItem("elder") === "1") document.documentElement.setAttribute("data-elder", "");
const reading = boot();
// Who was logged in is known from the last glance: the first page stands while the database is still being opened.
const start = () => createApp(App).use(router).mount("#app");
if (me.value) start();
else void reading.finally(start);

void reading.then(async () => {
  // The glance was wrong: the browser has cleared the database, or somebody logged out in another tab.
  if (!me.value && router.currentRoute.value.meta.open !== true) await router.replace("/login");
  await contact("open");
  addEventListener("online", () => void contact("network"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void contact("open"));
  setInterval(() => document.visibilityState === "visible" && void contact("timer"), 30_000);
});
for (const e of ["pointerdown", "keydown", "visibilitychange"]) document.addEventListener(e, () => box.touch(), { passive: true });
registerWorker();

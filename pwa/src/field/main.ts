import { createApp } from "vue";
import "../ui/tokens.css";
import "./field.css";
import App from "./App.vue";
import { router } from "./router";
import { registerWorker } from "./update";
import { boot } from "./state";

if (localStorage.getItem("elder") === "1") document.documentElement.setAttribute("data-elder", "");
// What the phone holds decides which page opens first: it is read before the first page is drawn.
void boot().finally(() => createApp(App).use(router).mount("#app"));
registerWorker();

import { createRouter, createWebHistory } from "vue-router";
import { me, owes, storeRead } from "./state";
import { outdated } from "./update";
import TodayPage from "./pages/TodayPage.vue";

// The first page comes with the app; the others are loaded when they are opened. All of them are kept by the service worker.
export const router = createRouter({
  history: createWebHistory("/"),
  // The open item of a sheet stands in the address, so that a page that died comes back to it: that is no change of page.
  scrollBehavior: (to, from, saved) => (to.path === from.path ? false : (saved ?? { top: 0 })),
  routes: [
    { path: "/", name: "today", component: TodayPage, meta: { title: "今日" } },
    { path: "/login", name: "login", component: () => import("./pages/LoginPage.vue"), meta: { title: "登录", open: true } },
    { path: "/password", name: "password", component: () => import("./pages/PasswordPage.vue"), meta: { title: "改密码" } },
    { path: "/totp", name: "totp", component: () => import("./pages/TotpPage.vue"), meta: { title: "动态验证码" } },
    { path: "/start", name: "start", component: () => import("./pages/StartPage.vue"), meta: { title: "开始一次检查" } },
    { path: "/cancel/:id", name: "cancel", component: () => import("./pages/CancelPage.vue"), props: true, meta: { title: "取消检查" } },
    { path: "/sheet/:id", name: "sheet", component: () => import("./pages/SheetPage.vue"), props: true, meta: { title: "监督记录表", local: true } },
    { path: "/sheet/:id/photos/:slot", name: "photos", component: () => import("./pages/PhotosPage.vue"), props: true, meta: { title: "照片", local: true } },
    { path: "/sheet/:id/seal", name: "seal", component: () => import("./pages/SealPage.vue"), props: true, meta: { title: "核对并封存", local: true } },
    { path: "/ticket/:id", name: "ticket", component: () => import("./pages/TicketPage.vue"), props: true, meta: { title: "请扫码评价", local: true } },
    { path: "/outbox", name: "outbox", component: () => import("./pages/OutboxPage.vue"), meta: { title: "待发送", local: true } },
    { path: "/correct/:id", name: "correct", component: () => import("./pages/CorrectPage.vue"), props: true, meta: { title: "更正记录" } },
    { path: "/findings", name: "findings", component: () => import("./pages/FindingsPage.vue"), meta: { title: "发现的问题" } },
    { path: "/ready", name: "ready", component: () => import("./pages/ReadyPage.vue"), meta: { title: "出发前检查" } },
    { path: "/pin", name: "pin", component: () => import("./pages/PinPage.vue"), meta: { title: "开锁密码" } },
    { path: "/import", name: "import", component: () => import("./pages/ImportPage.vue"), meta: { title: "取回备份文件", local: true } },
    { path: "/me", name: "me", component: () => import("./pages/MePage.vue"), meta: { title: "我的" } },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("./pages/NowherePage.vue"), meta: { title: "找不到" } },
  ],
});

router.beforeEach(async (to) => {
  // The first page stands on a glance; every other page works on what the store holds.
  if (to.name !== "today" && me.value) await storeRead;
  if (!me.value && !to.meta.open) return { name: "login", query: to.path === "/" ? {} : { to: to.fullPath } };
  // What is written here goes on all the same: only where the server is asked for something is this in the way.
  if (owes.value && to.name !== "login" && !(owes.value === "totp" && to.meta.local) && to.name !== owes.value) return { name: owes.value };
  return true;
});
// A page of the old version that is no longer kept anywhere: load the address anew, with the version that is.
router.onError((_e, to) => {
  if (outdated()) location.assign(to.fullPath);
});
router.afterEach((to) => {
  if (outdated() && to.name === "today") return location.reload();
  document.title = `${String(to.meta.title)} · 随行`;
});

// The first-run tour: seen once on this phone, and again whenever somebody asks for it.
import { ref } from "vue";

const key = "toured";
const read = (): boolean => {
  try {
    return localStorage.getItem(key) !== "1";
  } catch {
    return false; // a browser without storage has bigger worries
  }
};
export const touring = ref(read());

export function tourDone(): void {
  touring.value = false;
  localStorage.setItem(key, "1");
}
export function tourAgain(): void {
  touring.value = true;
  localStorage.removeItem(key);
}

export const tourCards = [
  { title: "没有信号，照常记录", text: "答题、拍照、签字、出示评价二维码都不用网络。每答一项就存一次，关掉页面、没电了，写过的都在。" },
  { title: "看到“已收妥”才算交到", text: "封存以后，有信号时打开随行就自动送出。“待发送”里看得见每一份到了哪一步；有绿色“已收妥”和回执号的，才是司法所收到了。" },
  { title: "出发前看一眼", text: "“出发前检查”里有要处理的，照它说的做完再走。怕手机丢，就在“我的”里设一个开锁密码。" },
] as const;

// The screen stays on where it going dark would be in the way: while the phone is in another's hand, and while it sends.
import { onBeforeUnmount, onMounted, watch } from "vue";

interface Sentinel { readonly released?: boolean; release: () => Promise<void> }
interface WakeLock { request: (what: "screen") => Promise<Sentinel> }

/** keepAwake holds the screen on while `wanted`, where the browser can. It lets go when the page is left, and asks anew when the person comes back to it. */
export function keepAwake(wanted: () => boolean = () => true): void {
  let lock: Sentinel | null = null;
  let here = false;
  let turn = Promise.resolve();
  const set = async (): Promise<void> => {
    const want = here && wanted() && document.visibilityState === "visible";
    if (want && (!lock || lock.released)) lock = (await (navigator as { wakeLock?: WakeLock }).wakeLock?.request("screen")) ?? null;
    if (!want && lock) {
      const old = lock;
      lock = null;
      await old.release();
    }
  };
  // One after the other: what was asked for is let go, however late the answer comes. A low battery may say no.
  const look = (): void => void (turn = turn.then(set).catch(() => undefined));
  onMounted(() => {
    here = true;
    document.addEventListener("visibilitychange", look);
    look();
  });
  watch(wanted, look);
  onBeforeUnmount(() => {
    here = false;
    document.removeEventListener("visibilitychange", look);
    look();
  });
}

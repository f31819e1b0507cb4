// One open record sheet: every change is written at once, in turn, and the page says when it is safe.
import { onBeforeUnmount, onMounted, reactive, ref, shallowRef, toRaw } from "vue";
import { readDraft, saveApart, saveDraft } from "../offline/keep";
import { choose as settle, merge3 } from "../offline/merge";
import { checklistOf } from "../offline/pack";
import type { Answer, Awaited, Checklist, Draft, PhotoMeta } from "../offline/types";
import { toast } from "../ui/toast";
import { answerChanged, answerCleared } from "../words/field";
import { box, reload, store } from "./shelf";
import { pack, tell } from "./state";

const alike = (a: Draft, b: Draft): boolean => JSON.stringify({ ...a, changed_at: "" }) === JSON.stringify({ ...b, changed_at: "" });
const plain = <T>(v: T): T => JSON.parse(JSON.stringify(toRaw(v))) as T;

export type OpenDraft = ReturnType<typeof useDraft>;

export function useDraft(id: string) {
  const draft = ref<Draft | null>(null);
  const checklist = shallowRef<Checklist | null>(null);
  const state = reactive({ loaded: false, savedAt: "", saving: false, fault: null as unknown, missed: null as Awaited | null });
  /** What the phone's store held when this page last read or wrote it: what two pages did is told apart by it. */
  let base: Draft | null = null;
  let chain: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dirty = false;

  async function load(): Promise<void> {
    try {
      const d = await readDraft(box, id);
      if (d) {
        checklist.value = (await checklistOf(store, d.checklist_version)) ?? (pack.value?.checklist.version === d.checklist_version ? pack.value.checklist : null);
        base = plain(d);
        // A picker was open when the page died: the picture did not come back, and the page says so.
        state.missed = d.awaited;
        draft.value = d;
        state.savedAt = d.changed_at;
      }
    } catch (e) {
      state.fault = e;
    }
    state.loaded = true;
  }

  /** save writes now and resolves when it is stored. Saves run in turn, each with the newest state. */
  function save(): Promise<void> {
    clearTimeout(timer);
    dirty = false;
    state.saving = true;
    chain = chain.then(async () => {
      const d = draft.value;
      if (!d) return;
      try {
        const sent = plain(d);
        const kept = await saveDraft(box, sent, base ?? sent, new Date());
        // Another page wrote too: what it brought is taken over, also beside what was typed here in the meantime.
        if (!alike(kept, sent)) Object.assign(d, merge3(sent, kept, plain(d), new Date().toISOString()));
        base = kept;
        d.changed_at = state.savedAt = kept.changed_at;
        state.fault = null;
        tell();
      } catch (e) {
        state.fault = e; // what was typed is still on the page; the next change tries again, and so does leaving it
        dirty = true;
        throw e;
      } finally {
        state.saving = false;
      }
    });
    const mine = chain;
    chain = chain.catch(() => undefined);
    return mine;
  }

  /** apart keeps what this page has on a draft of its own, when the one it had was sealed or given up elsewhere. Gives its id. */
  async function apart(): Promise<string> {
    clearTimeout(timer);
    const kept = await saveApart(box, plain(draft.value!), new Date());
    dirty = false;
    state.fault = null;
    tell();
    return kept.id;
  }

  /** touch: save soon (typing); a pause of 250 ms, or leaving the page, writes it. */
  function touch(): void {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => void save().catch(() => undefined), 250);
  }
  const now = (): void => void save().catch(() => undefined);
  const flush = (): void => {
    if (dirty) now();
  };

  /** answer gives the answer of an item, making it when it is new. */
  function answer(code: string, result: Answer["result"]): Answer {
    const d = draft.value!;
    const at = new Date().toISOString();
    const was = d.answers[code] && plain(d.answers[code]);
    d.answers[code] = { ...(d.answers[code] ?? { code, note: "", no_photo_reason: "", photos: [], corrected: false }), result, at };
    if (result !== "no") d.answers[code]!.corrected = false;
    now();
    // A thumb slips: what was answered before can be had back.
    if (was && was.result !== result) toast(answerChanged(code, was.result, result), () => putBack(code, was));
    return d.answers[code]!;
  }

  /** clear takes an answer out altogether, note and photos with it; it can be had back. */
  function clear(code: string): void {
    const was = draft.value!.answers[code];
    if (!was) return;
    const copy = plain(was);
    delete draft.value!.answers[code];
    now();
    toast(answerCleared(code), () => putBack(code, copy));
  }
  function putBack(code: string, a: Answer): void {
    if (!draft.value) return;
    draft.value.answers[code] = { ...a, at: new Date().toISOString() };
    now();
  }

  function addPhoto(slot: string, meta: PhotoMeta): void {
    const d = draft.value!;
    d.photos[meta.sha256] = meta;
    const list = photosOf(d, slot);
    if (list && !list.includes(meta.sha256)) list.push(meta.sha256);
  }

  /** choose settles what two pages wrote differently. */
  function choose(field: string, keep: "ours" | "theirs"): void {
    if (!draft.value) return;
    Object.assign(draft.value, settle(plain(draft.value), field, keep));
    now();
  }

  // The lock takes the key away: what is only on the page is written before.
  const unhook = box.beforeLock(() => (dirty ? save() : chain));
  onMounted(() => {
    addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", flush);
  });
  onBeforeUnmount(() => {
    flush();
    unhook();
    removeEventListener("pagehide", flush);
    document.removeEventListener("visibilitychange", flush);
    void chain.then(reload);
  });
  return { draft, checklist, state, load, save, apart, touch, now, flush, answer, clear, choose, addPhoto };
}

/** photosOf: a slot is an item's code, or "o:" and the id of an observation. */
export function photosOf(d: Draft, slot: string): string[] | undefined {
  return slot.startsWith("o:") ? d.observations.find((o) => o.id === slot.slice(2))?.photos : d.answers[slot]?.photos;
}

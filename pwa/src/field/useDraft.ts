// One open record sheet: every change is written at once, in turn, and the page says when it is safe.
import { onBeforeUnmount, onMounted, reactive, ref, shallowRef, toRaw } from "vue";
import { saveDraft } from "../offline/keep";
import { checklistOf } from "../offline/pack";
import type { Answer, Awaited, Checklist, Draft, PhotoMeta } from "../offline/types";
import { pack, reload, store, tell } from "./state";

const plain = <T>(v: T): T => JSON.parse(JSON.stringify(toRaw(v))) as T;

export type OpenDraft = ReturnType<typeof useDraft>;

export function useDraft(id: string) {
  const draft = ref<Draft | null>(null);
  const checklist = shallowRef<Checklist | null>(null);
  const state = reactive({ loaded: false, savedAt: "", saving: false, fault: null as unknown, missed: null as Awaited | null });
  let seen = "";
  let chain: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dirty = false;

  async function load(): Promise<void> {
    try {
      const d = (await store.get("drafts", id)) ?? null;
      if (d) {
        checklist.value = (await checklistOf(store, d.checklist_version)) ?? (pack.value?.checklist.version === d.checklist_version ? pack.value.checklist : null);
        seen = d.changed_at;
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
        const kept = await saveDraft(store, plain(d), seen, new Date());
        if (Object.keys(kept.photos).length !== Object.keys(d.photos).length || kept.officers.length !== d.officers.length) Object.assign(d, kept);
        d.changed_at = seen = state.savedAt = kept.changed_at;
        state.fault = null;
        tell();
      } catch (e) {
        state.fault = e; // what was typed is still on the page; the next change tries again
        throw e;
      } finally {
        state.saving = false;
      }
    });
    const mine = chain;
    chain = chain.catch(() => undefined);
    return mine;
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
    d.answers[code] = { ...(d.answers[code] ?? { code, note: "", no_photo_reason: "", photos: [], corrected: false }), result, at };
    if (result !== "no") d.answers[code]!.corrected = false;
    now();
    return d.answers[code]!;
  }

  function addPhoto(slot: string, meta: PhotoMeta): void {
    const d = draft.value!;
    d.photos[meta.sha256] = meta;
    const list = photosOf(d, slot);
    if (list && !list.includes(meta.sha256)) list.push(meta.sha256);
  }

  onMounted(() => {
    addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", flush);
  });
  onBeforeUnmount(() => {
    flush();
    removeEventListener("pagehide", flush);
    document.removeEventListener("visibilitychange", flush);
    void chain.then(reload);
  });
  return { draft, checklist, state, load, save, touch, now, flush, answer, addPhoto };
}

/** photosOf: a slot is an item's code, or "o:" and the id of an observation. */
export function photosOf(d: Draft, slot: string): string[] | undefined {
  return slot.startsWith("o:") ? d.observations.find((o) => o.id === slot.slice(2))?.photos : d.answers[slot]?.photos;
}

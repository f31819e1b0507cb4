// The shapes of tokens.css `.chip`: '' is the open ring (待核实).
export type ChipShape = '' | 'set' | 'doing' | 'held' | 'dispute' | 'review' | 'moved' | 'done' | 'near' | 'late'

// What a state of a cluster means: the same words as `describe` in views/stage.py; a browser test holds the two together.

const isQuorum = (quorums, up) => quorums.some((quorum) => quorum.every((i) => up.has(i)));

/** All ways to choose `size` of the items, in order. */
function combinations(items, size) {
  if (size === 0) return [[]];
  return items.flatMap((first, i) => combinations(items.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}

/** The fewest further crashes that stop the cluster: one such set of members. */
function fewestCrashesToStop(quorums, up) {
  const standing = [...up].sort((a, b) => a - b);
  for (let size = 0; size <= standing.length; size += 1) {
    for (const crashed of combinations(standing, size)) {
      if (!isQuorum(quorums, new Set(standing.filter((i) => !crashed.includes(i))))) return crashed;
    }
  }
  return standing;
}

/** The fewest members whose return gives the cluster a quorum again. */
function fewestReturns(quorums, up) {
  return Math.min(...quorums.map((quorum) => quorum.filter((i) => !up.has(i)).length));
}

const number = (n) => ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][n] ?? String(n);

/** [does the cluster take writes, what the picture shows now, in full]. */
export function describe({ names, quorums, down, word, cut }) {
  const up = new Set(names.map((_, i) => i).filter((i) => !down.includes(names[i])));
  const count = `${up.size} of ${names.length} ${up.size === 1 || names.length === 1 ? "is" : "are"} up`;
  if (cut > 0 && cut < names.length) {
    const sides = [new Set([...up].filter((i) => i < cut)), new Set([...up].filter((i) => i >= cut))];
    const [left, right] = sides.map((side) => isQuorum(quorums, side));
    const sizes = `${count}, ${sides[0].size} left of the cut and ${sides[1].size} right of it: `;
    if (left && right) {
      return ["split", `${sizes}both sides have a ${word}, so both take writes and neither knows of the other's. This is split brain.`];
    }
    if (left || right) {
      return ["on", `${sizes}the ${left ? "left" : "right"} side has a ${word}, so writes go on there; the other side waits.`];
    }
    const then = isQuorum(quorums, up) ? "they go on when the cut heals" : "healing the cut is not enough";
    return ["off", `${sizes}neither side has a ${word}, so writes stop everywhere; ${then}.`];
  }
  if (isQuorum(quorums, up)) {
    // How many may crash is for the learner to find out.
    if (up.size === names.length) return ["on", `${count}: a ${word}, so writes go on.`];
    const crashed = fewestCrashesToStop(quorums, up);
    const spare = crashed.length - 1;
    if (spare > 0) {
      return ["on", `${count}: a ${word}, so writes go on, and any ${number(spare)} more may crash without stopping them.`];
    }
    const fatal = [...up].filter((i) => !isQuorum(quorums, new Set([...up].filter((j) => j !== i))));
    const some = fatal.length === 1 ? `they stop if ${names[fatal[0]]} crashes` : "one more crash may stop them";
    const last = fatal.length === up.size ? "one more crash stops them" : some;
    return ["on", `${count}: a ${word}, so writes go on; ${last}.`];
  }
  const missing = fewestReturns(quorums, up);
  const away = names.map((_, i) => i).filter((i) => !up.has(i));
  const anyWillDo = combinations(away, missing).every((back) => isQuorum(quorums, new Set([...up, ...back])));
  if (names.length === 1) return ["off", `${count}: no ${word}, so writes stop until it comes back.`];
  const howMany = `${anyWillDo ? "" : "at least "}${number(missing)}`;
  return ["off", `${count}: no ${word}, so writes stop until ${howMany} more ${missing === 1 ? "comes" : "come"} back.`];
}

const MOST_SETS = 64; // of crashes that are all gone through; of more, those of neighbours say nearly the same

/** What may be said of a cluster, state by state, so that the page can keep room for it. */
export function everyState({ names, quorums, word, withCut }) {
  const all = 2 ** names.length <= MOST_SETS;
  const downs = all ? Array.from({ length: 2 ** names.length }, (_, set) => names.filter((_name, i) => (set >> i) & 1))
    : [...names, ""].flatMap((_, count) => [names.slice(0, count), names.slice(names.length - count)]);
  const cuts = withCut ? [...names, ""].map((_, cut) => cut) : [0];
  return downs.flatMap((down) => cuts.map((cut) => describe({ names, quorums, down, word, cut })));
}

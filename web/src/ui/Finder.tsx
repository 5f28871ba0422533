// The box that "/" jumps to; what is typed goes to the address when the typing rests.
import { useEffect, useRef, useState } from "preact/hooks";
import { setQuery } from "../router";

export function Finder({ value, label }: { value: string; label: string }) {
  const [text, setText] = useState(value);
  const wait = useRef(0);
  useEffect(() => setText(value), [value]);
  const type = (to: string) => {
    setText(to);
    clearTimeout(wait.current);
    wait.current = window.setTimeout(() => setQuery({ q: to }), 250);
  };
  return <input type="search" class="finder" aria-label={label} placeholder={label} value={text} onInput={(e) => type(e.currentTarget.value)} />;
}

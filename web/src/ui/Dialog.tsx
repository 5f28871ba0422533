// A dialog that keeps the keyboard inside and gives it back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../lang";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = ref.current;
    const before = document.activeElement as HTMLElement | null;
    d?.showModal();
    d?.querySelector<HTMLElement>("input, select, textarea, .primary")?.focus();
    return () => {
      d?.close();
      before?.focus();
    };
  }, []);
  return (
    <dialog ref={ref} aria-label={title} onCancel={(e) => { e.preventDefault(); onClose(); }}>
      <header>
        <h2>{title}</h2>
        <button class="plain" aria-label={t("close")} onClick={onClose}>✕</button>
      </header>
      {children}
    </dialog>
  );
}

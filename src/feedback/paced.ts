/** Something that may be asked for often and is done now and then. */
export interface Paced extends Disposable {
  /** Does it now, or, when it was done less than a pause ago, once at the end of that pause for all who ask until then. */
  ask(): void;
}

/** `act` must not throw; it is never done twice at once. */
export function paced(act: () => Promise<void>, pauseMs: number): Paced {
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;
  let isResting = false;
  let isOver = false;
  const run = async () => {
    isAsked = false;
    isResting = true;
    await act();
    timer = setTimeout(() => {
      isResting = false;
      if (isAsked && !isOver) void run();
    }, pauseMs).unref();
  };
  return {
    ask: () => {
      isAsked = true;
      if (!isResting && !isOver) void run();
    },
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

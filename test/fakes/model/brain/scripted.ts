import type { Brain, Said } from './brain.ts';

/** Gives these answers, one per request, whatever is asked; asked once more it fails loudly (the server answers 500). */
export function scripted(answers: readonly (Said | Brain)[]): Brain {
  let turn = 0;
  return (asked, odds) => {
    const answer = answers[turn];
    turn += 1;
    if (answer === undefined) throw new Error(`the script has ${answers.length} answers, asked for answer ${turn}`);
    return typeof answer === 'function' ? answer(asked, odds) : answer;
  };
}

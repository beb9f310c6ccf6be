import { z } from 'zod';

const answer = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).min(1),
});

interface Question {
  /** Of the API, such as http://127.0.0.1:8080/v1. */
  readonly url: string;
  readonly model: string;
  readonly instructions: string;
  readonly text: string;
}

/** Asks a model by `POST <url>/chat/completions`, which OpenAI, llama.cpp, vLLM, Ollama and others speak. */
export async function askModel({ url, model, instructions, text }: Question): Promise<string> {
  const key = process.env.MODEL_API_KEY;
  const response = await fetch(`${url.replace(/\/$/, '')}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({
      model,
      messages: [
        { role: 'system', content: instructions },
        { role: 'user', content: text },
      ],
    }),
    signal: AbortSignal.timeout(50_000),
    redirect: 'error',
  });
  // What it says may repeat the mail: only the number is told.
  if (!response.ok) throw new Error(`The model answered ${response.status}.`);
  return answer.parse(await response.json()).choices[0]?.message.content ?? '';
}

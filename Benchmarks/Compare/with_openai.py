"""A batch as it is often written: the `openai` package, a semaphore, one row for each answer.

    with_openai.py QUESTIONS.csv ANSWERS.db BASE_URL default|wal|wal-normal
"""

import asyncio

from openai import AsyncOpenAI

from jobs import CONCURRENCY, Run


async def ask(run, client, semaphore, row):
    async with semaphore:
        answer = await client.chat.completions.create(
            model="canned", messages=[{"role": "user", "content": row["prompt"]}])
    run.store(
        row, answer.choices[0].message.content, answer.model, answer.usage.prompt_tokens,
        answer.usage.completion_tokens)


async def main():
    run = Run()
    semaphore = asyncio.Semaphore(CONCURRENCY)
    async with AsyncOpenAI(base_url=run.url) as client:
        await asyncio.gather(*(ask(run, client, semaphore, row) for row in run.rows))
    run.finish()


asyncio.run(main())

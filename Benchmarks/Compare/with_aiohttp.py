"""A batch as it is often written: aiohttp, a semaphore, one row for each answer.

    with_aiohttp.py QUESTIONS.csv ANSWERS.db BASE_URL default|wal|wal-normal
"""

import asyncio
import os

import aiohttp

from jobs import CONCURRENCY, Run


async def ask(run, session, semaphore, row):
    async with semaphore:
        body = {"model": "canned", "messages": [{"role": "user", "content": row["prompt"]}]}
        async with session.post(f"{run.url}/chat/completions", json=body) as response:
            response.raise_for_status()
            answer = await response.json()
    usage = answer["usage"]
    run.store(
        row, answer["choices"][0]["message"]["content"], answer["model"], usage["prompt_tokens"],
        usage["completion_tokens"])


async def main():
    run = Run()
    semaphore = asyncio.Semaphore(CONCURRENCY)
    headers = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(ask(run, session, semaphore, row) for row in run.rows))
    run.finish()


asyncio.run(main())

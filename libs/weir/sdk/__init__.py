"""Writing workers: functions of yours as steps of workflows, on any machine with a NATS credential.

from weir.sdk import TaskContext, Worker, task

@task("resize-image", queue="images")
async def resize(image: ResizeIn, ctx: TaskContext) -> ResizeOut:
    ...

worker = Worker("nats://nats.example:4222", credentials="worker.seed", tasks=[resize])

if __name__ == "__main__":
    worker.run()
"""

from weir.ports.node_context import Retryable, Terminal
from weir.sdk.context import TaskContext, ThreadContext
from weir.sdk.functions import Task, task
from weir.sdk.worker import Worker

__all__ = ["Retryable", "Task", "TaskContext", "Terminal", "ThreadContext", "Worker", "task"]

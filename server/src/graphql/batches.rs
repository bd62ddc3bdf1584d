//! Running a request together with its batched reads, in rounds: the batches of a round start together when everything
//! that could still ask for more has asked, and the next round waits for all of them. So how many batches there are
//! depends on the request's shape alone, not on how long a list takes to walk or a read to end.

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Batch = BoxFuture<'static, ()>;

/// The batches that the loaders of one request begin.
pub struct Batches {
    begun: UnboundedReceiver<Batch>,
}

impl Batches {
    /// With the end that loaders give their batches to.
    pub(super) fn new() -> (UnboundedSender<Batch>, Self) {
        let (sender, begun) = unbounded_channel();
        (sender, Self { begun })
    }

    /// Runs the request to its end; whenever it can go no further, the batches that it waits for go on.
    pub async fn run<T>(mut self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        let mut running = FuturesUnordered::new();
        let ready = Arc::new(Ready { is_set: AtomicBool::new(true), task: AtomicWaker::new() });
        let waker = Waker::from(ready.clone());
        poll_fn(move |context| {
            ready.task.register(context.waker());
            if ready.is_set.swap(false, Ordering::AcqRel) {
                if let Poll::Ready(response) = request.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(response);
                }
                if ready.is_set.load(Ordering::Acquire) {
                    // It paused in the middle, as long lists do, and has woken this task for the rest.
                    return Poll::Pending;
                }
            }
            loop {
                if running.is_empty() {
                    while let Ok(batch) = self.begun.try_recv() {
                        running.push(batch);
                    }
                }
                match running.poll_next_unpin(context) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) if self.begun.is_empty() || ready.is_set.load(Ordering::Acquire) => break,
                    Poll::Ready(None) => {}
                    Poll::Pending => break,
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether the request can go on; wakes the task that runs it.
struct Ready {
    is_set: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.is_set.store(true, Ordering::Release);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::dataloader::{DataLoader, Loader};
    use futures_util::future::join_all;
    use std::collections::HashMap;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    struct Counting(AtomicUsize);

    impl Loader<u32> for Counting {
        type Value = u32;
        type Error = ();

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, ()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, key + 1)).collect())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_level_of_a_request_is_one_batch_however_long_it_takes_to_ask() {
        let (sender, batches) = Batches::new();
        let begin = move |batch| assert!(sender.send(batch).is_ok());
        let loader = DataLoader::new(Counting(AtomicUsize::new(0)), begin).delay(Duration::ZERO).max_batch_size(10_000);
        let nested = |key: u32| {
            let loader = &loader;
            async move {
                std::thread::sleep(Duration::from_micros(200));
                let next = loader.load_one(key).await.unwrap().unwrap();
                let children = (0..40).map(|child| async move {
                    let child = loader.load_one(next * 1000 + child).await.unwrap().unwrap();
                    loader.load_one(child / 2).await.unwrap().unwrap()
                });
                join_all(children).await.len()
            }
        };
        let answers = batches.run(join_all((0..100).map(nested))).await;
        assert_eq!(answers, [40; 100]);
        assert_eq!(loader.loader().0.load(Ordering::Relaxed), 3);
    }
}

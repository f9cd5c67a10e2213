//! What many open pages ask at the same moment is asked once.

use std::collections::HashMap;
use std::hash::Hash;

use tokio::sync::Mutex;

/// What the present state of things goes by: what was read holds until another change is told, and for a second.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Since the epoch.
    pub second: i64,
    /// How many changes were told.
    pub told: u64,
}

/// Answers by what was asked, each as of a moment.
#[derive(Debug)]
pub struct Shared<K, V>(Mutex<HashMap<K, (Moment, V)>>);

impl<K: Eq + Hash, V: Clone> Shared<K, V> {
    /// An answer that is at least as new as the asking: `ask` is asked by the first who comes, and who waits for it
    /// shares the next.
    pub async fn get<E>(
        &self,
        key: K,
        moment: impl Fn() -> Moment,
        ask: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let asked = moment();
        let mut known = self.0.lock().await;
        if let Some((begun, answer)) = known.get(&key)
            && begun.second == asked.second
            && begun.told >= asked.told
        {
            return Ok(answer.clone());
        }
        let begun = moment();
        let answer = ask.await?;
        known.insert(key, (begun, answer.clone()));
        Ok(answer)
    }
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

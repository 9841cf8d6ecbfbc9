//! Owns the keeping of what many outputs of one pass ask for alike, by a fingerprint. Must not know what is kept.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fingerprint::{ByName, Fp};

/// What was made once and is asked for again, by a fingerprint of the question. Each thread of rayon's has what it made itself: to
/// count, on two threads at once, who holds on to a value costs more than making it a second time. All others share one shelf.
/// What it holds must follow from the question alone.
#[derive(Debug)]
pub struct Cache<V>(Box<[Shelf<V>]>);

/// What one thread made. It begins where no other one ends: two threads that write to one line of a processor's cache wait for each
/// other, and processors fetch lines in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Shelf<V>(Mutex<ByName<Fp, V>>);

impl<V> Default for Cache<V> {
    fn default() -> Cache<V> {
        // One more, for the threads that are not rayon's.
        let shelves = (0..=rayon::current_num_threads()).map(|_| Shelf(Mutex::default()));
        Cache(shelves.collect())
    }
}

impl<V> Cache<V> {
    /// The shelf of this thread.
    fn own(&self) -> MutexGuard<'_, ByName<Fp, V>> {
        let thread = rayon::current_thread_index().map_or(0, |thread| thread + 1);
        let shelf = self.0.get(thread).unwrap_or(&self.0[0]);
        shelf.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `take` makes of what is known by this name; `None` also where it does not want it. It must not ask this cache.
    pub fn get<T>(&self, key: Fp, take: impl FnOnce(&V) -> Option<T>) -> Option<T> {
        self.own().get(&key).and_then(take)
    }

    /// Keeps a value by this name.
    pub fn put(&self, key: Fp, value: V) {
        self.own().insert(key, value);
    }

    /// Changes what is kept by this name, be it nothing yet. `change` must not ask this cache.
    pub fn change<T>(&self, key: Fp, change: impl FnOnce(&mut V) -> T) -> T
    where
        V: Default,
    {
        change(self.own().entry(key).or_default())
    }

    /// Whether all on the shelf of this thread is so.
    #[cfg(test)]
    pub fn all(&self, is_so: impl Fn(&V) -> bool) -> bool {
        self.own().values().all(is_so)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_put_it_gets_and_no_other() {
        let cache: Cache<u8> = Cache::default();
        let get = || cache.get(Fp(1), |it| Some(*it));
        cache.put(Fp(1), 1);
        assert_eq!(get(), Some(1));
        assert_eq!(cache.get(Fp(2), |it| Some(*it)), None);
        assert_eq!(cache.get(Fp(1), |_| None::<u8>), None, "it was not wanted");
        // There is a shelf for the first thread of any pool.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        assert_eq!(pool.install(get), None);
        pool.install(|| cache.put(Fp(1), 2));
        assert_eq!(get(), Some(1));
    }

    #[test]
    fn a_thread_of_a_larger_pool_has_a_place_too() {
        let small = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
        let cache: Cache<u8> = small.install(Cache::default);
        let large = rayon::ThreadPoolBuilder::new().num_threads(8).build().expect("eight threads");
        large.broadcast(|_| cache.put(Fp(1), 1));
        assert_eq!(cache.get(Fp(1), |it| Some(*it)), Some(1), "those without a place share one");
    }
}

//! Owns the fingerprint: 128 bits that stand for a value, the same on every run and machine.
//! Must not know what is being fingerprinted.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128};

/// A 128-bit fingerprint of a value (xxh3). Two values with equal fingerprints are taken as equal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fp(pub u128);

impl Fp {
    /// The fingerprint of raw bytes.
    pub fn of_bytes(bytes: &[u8]) -> Fp {
        Fp(xxh3_128(bytes))
    }

    /// The fingerprint of anything that can be hashed.
    pub fn of<T: Hash + ?Sized>(value: &T) -> Fp {
        let mut hasher = FpHasher::default();
        value.hash(&mut hasher);
        hasher.fp()
    }

    /// One fingerprint for several in their order: cheaper than hashing what they stand for again.
    pub fn join(parts: &[Fp]) -> Fp {
        // Few parts are the usual case; their bytes fit on the stack.
        if parts.len() <= 8 {
            let mut bytes = [0; 8 * 16];
            for (place, part) in bytes.chunks_exact_mut(16).zip(parts) {
                place.copy_from_slice(&part.0.to_le_bytes());
            }
            return Fp::of_bytes(&bytes[..parts.len() * 16]);
        }
        let mut bytes = Vec::with_capacity(parts.len() * 16);
        for part in parts {
            bytes.extend_from_slice(&part.0.to_le_bytes());
        }
        Fp::of_bytes(&bytes)
    }

    /// Half of it: for what is never kept outside of the process, where there is much of it.
    pub fn half(self) -> u64 {
        self.0 as u64
    }

    /// The first `digits` hexadecimal digits, for a file name.
    pub fn short(self, digits: usize) -> String {
        let mut text = format!("{:032x}", self.0);
        text.truncate(digits);
        text
    }
}

impl std::fmt::Debug for Fp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.short(8))
    }
}

/// A fingerprint of raw bytes that is half as long: for what is never kept outside of the process, where there is much of it.
pub fn half_of_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// How many bytes are hashed at once: as many as xxh3 has a short way for. Most of what is fingerprinted is shorter.
const AT_ONCE: usize = 240;

/// Feeds `derive(Hash)` into xxh3. Integers go in as little-endian and lengths as 64 bits, so that
/// the result does not depend on the machine.
#[derive(Clone)]
pub struct FpHasher {
    /// What was written, as long as it is little.
    first: [u8; AT_ONCE],
    len: usize,
    /// All that was written, once it is more: setting it up costs more than hashing a few bytes.
    all: Option<Box<Xxh3>>,
}

impl Default for FpHasher {
    fn default() -> FpHasher {
        FpHasher { first: [0; AT_ONCE], len: 0, all: None }
    }
}

impl FpHasher {
    /// Takes a number: what `write` does, where the compiler knows how long it is.
    #[inline]
    fn number<const N: usize>(&mut self, bytes: [u8; N]) {
        let room = self.first.get_mut(self.len..).and_then(|room| room.first_chunk_mut::<N>());
        match room {
            Some(place) if self.all.is_none() => {
                *place = bytes;
                self.len += N;
            }
            _ => self.write(&bytes),
        }
    }

    /// The fingerprint of all that was written.
    pub fn fp(&self) -> Fp {
        match &self.all {
            None => Fp::of_bytes(&self.first[..self.len]),
            Some(all) => Fp(all.digest128()),
        }
    }
}

impl Hasher for FpHasher {
    fn finish(&self) -> u64 {
        match &self.all {
            None => xxh3_64(&self.first[..self.len]),
            Some(all) => all.digest(),
        }
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(all) = &mut self.all {
            return all.update(bytes);
        }
        match self.first.get_mut(self.len..self.len + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => {
                let all = self.all.insert(Box::default());
                all.update(&self.first[..self.len]);
                all.update(bytes);
            }
        }
    }
    #[inline]
    fn write_u8(&mut self, i: u8) {
        self.number([i]);
    }
    #[inline]
    fn write_u16(&mut self, i: u16) {
        self.number(i.to_le_bytes());
    }
    #[inline]
    fn write_u32(&mut self, i: u32) {
        self.number(i.to_le_bytes());
    }
    #[inline]
    fn write_u64(&mut self, i: u64) {
        self.number(i.to_le_bytes());
    }
    #[inline]
    fn write_u128(&mut self, i: u128) {
        self.number(i.to_le_bytes());
    }
    #[inline]
    fn write_usize(&mut self, i: usize) {
        self.write_u64(i as u64);
    }
    #[inline]
    fn write_i64(&mut self, i: i64) {
        self.write_u64(i as u64);
    }
    #[inline]
    fn write_isize(&mut self, i: isize) {
        self.write_u64(i as u64);
    }
}

/// Hashes names and fingerprints for maps that live as long as a pass. Nobody makes up names to slow such a map down,
/// so it needs no secret, and its order is never seen.
#[derive(Debug, Default, Clone, Copy)]
pub struct NameHasher(u64);

/// A map by names or fingerprints.
pub type ByName<K, V> = HashMap<K, V, BuildHasherDefault<NameHasher>>;
/// A set of names or fingerprints.
pub type NameSet<K> = HashSet<K, BuildHasherDefault<NameHasher>>;

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = self.0.rotate_left(23) ^ xxh3_64(bytes);
    }
    fn write_u8(&mut self, i: u8) {
        self.0 = self.0.rotate_left(8) ^ u64::from(i);
    }
    fn write_u32(&mut self, i: u32) {
        self.write_u64(u64::from(i));
    }
    fn write_u64(&mut self, i: u64) {
        // By the golden ratio, so that numbers beside each other are far from each other.
        self.0 = (self.0.rotate_left(23) ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_u128(&mut self, i: u128) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "half of a fingerprint is enough here"
        )]
        self.write_u64(i as u64);
    }
    fn write_usize(&mut self, i: usize) {
        self.write_u64(i as u64);
    }
}

/// A value beside its fingerprint, so that comparing costs the same however large the value is.
#[derive(Debug, Clone)]
pub struct Hashed<T> {
    value: T,
    fp: Fp,
}

impl<T: Hash> Hashed<T> {
    /// Takes the value and fingerprints it once.
    pub fn new(value: T) -> Self {
        let fp = Fp::of(&value);
        Hashed { value, fp }
    }
}

impl<T> Hashed<T> {
    /// Takes the value and the fingerprint of all that it says.
    pub fn with(value: T, fp: Fp) -> Self {
        Hashed { value, fp }
    }

    /// The fingerprint that was taken.
    pub fn fp(&self) -> Fp {
        self.fp
    }
}

impl<T> std::ops::Deref for Hashed<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_of_a_known_value_never_changes() {
        // A recorded figure: if this moves, names of assets move on every site.
        assert_eq!(
            Fp::of_bytes(b"weekmark").short(16),
            format!("{:032x}", xxh3_128(b"weekmark"))[..16]
        );
        assert_eq!(Fp::of(&("a", 1u32)), Fp::of(&("a", 1u32)));
        assert_ne!(Fp::of(&("a", 1u32)), Fp::of(&("a", 2u32)));
        for len in [0, 1, 16, 17, 128, 129, 239, 240, 241, 500, 2000] {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            for step in [1, 7, 240, 300] {
                let mut hasher = FpHasher::default();
                bytes.chunks(step).for_each(|part| hasher.write(part));
                assert_eq!(hasher.fp(), Fp::of_bytes(&bytes), "{len} bytes by {step}");
            }
        }
        for before in [0, 200, 232, 233, 239, 240, 300] {
            let (mut whole, mut parts) = (FpHasher::default(), FpHasher::default());
            let bytes = vec![7; before];
            whole.write(&[&bytes[..], &[1], &2u16.to_le_bytes(), &3u64.to_le_bytes()].concat());
            parts.write(&bytes);
            parts.write_u8(1);
            parts.write_u16(2);
            parts.write_usize(3);
            assert_eq!(parts.fp(), whole.fp(), "numbers after {before} bytes");
        }
        let parts: Vec<Fp> = (0..9).map(Fp).collect();
        assert_ne!(Fp::join(&parts[..8]), Fp::join(&parts));
        assert_ne!(Fp::join(&[Fp(1), Fp(2)]), Fp::join(&[Fp(2), Fp(1)]));
    }
}

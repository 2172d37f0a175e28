//! Codewords through a run: messages, encoder and map in front of the path, map and decoder behind it.

use std::collections::VecDeque;

use ndarray::{Array2, s};

use crate::error::{Error, Result};
use crate::fec::interleave::LanePlan;
use crate::fec::rs::{Report, Workspace};
use crate::fec::{KP4, ReedSolomon};
use crate::pattern::{PrecodeDecoder, PrecodeEncoder};
use crate::random::Philox;
use crate::simd::Level;

use super::super::config::FecConfig;
use super::run::{Use, random_stream};
use super::words::CodedCount;

/// Words that are decoded at once, about: enough for the batch decoder, little enough for the cache.
const BATCH: usize = 512;

/// Code and path, shared by all runs.
pub(super) struct Plan {
    rs: ReedSolomon,
    lane: LanePlan,
    level: Level,
}

impl Plan {
    pub(super) fn new(config: &FecConfig, level: Level) -> Result<Self> {
        Ok(Self {
            rs: ReedSolomon::with_level(KP4, level)?,
            lane: LanePlan::new(&KP4, &config.path())?,
            level,
        })
    }

    /// PAM4 symbols of one group of words in one stream.
    pub(super) fn group(&self) -> usize {
        self.lane.pam4_symbols()
    }
}

/// Both ends of the streams of one run. All streams are in step: their groups begin and end together.
pub(super) struct Coder<'a> {
    plan: &'a Plan,
    sender: Sender,
    receiver: Receiver,
    count: CodedCount,
}

struct Sender {
    random: Vec<Philox>,
    precoders: Vec<PrecodeEncoder>,
    /// Messages `[stream * I + word, k]` and symbols `[stream, group]` of the newest group.
    messages: Array2<u16>,
    group: Array2<u8>,
    /// Symbols of the group that have been sent.
    at: usize,
    /// Groups made so far, and the first one that will be counted.
    made: u64,
    first: u64,
    /// Symbols of the current block.
    block: Array2<u8>,
    draws: Vec<u8>,
}

struct Receiver {
    precoders: Vec<PrecodeDecoder>,
    /// Whether a stream's decoder has seen the symbol before its first group, and whether the symbol before
    /// was wrong.
    begun: Vec<bool>,
    wrong: Vec<bool>,
    /// Decisions `[stream, group]` of the group that is coming in, and how many there are.
    group: Array2<u8>,
    filled: usize,
    /// Decisions of the current block that count; in all streams as many.
    pending: usize,
    /// Decisions of this block still to be put into the next group, by stream.
    rest: Vec<Vec<u8>>,
    /// Words on their way, `[stream * I + word, n]`, the oldest group first; emptied arrays to use again.
    sent: VecDeque<Array2<u16>>,
    spare: Vec<Array2<u16>>,
    /// Received words of several groups with what was sent.
    words: Array2<u16>,
    truth: Vec<Array2<u16>>,
    work: Workspace,
    report: Report,
}

impl<'a> Coder<'a> {
    /// Both ends at the start of a run: symbol number `start` sent is to begin a group, the first that is
    /// counted. Messages are `k` random symbols per word, drawn from the stream's own data numbers.
    pub(super) fn new(
        plan: &'a Plan,
        seed: u64,
        run: u64,
        streams: usize,
        block: usize,
        start: u64,
    ) -> Result<Self> {
        let group = plan.group();
        let words = plan.lane.path().interleave;
        let code = plan.rs.code();
        let late = (start % group as u64) as usize;
        let groups = (BATCH / (streams * words)).max(1);
        Ok(Self {
            plan,
            sender: Sender {
                random: (0..streams)
                    .map(|s| {
                        Philox::new(seed, random_stream(run, s, Use::Data)).with_level(plan.level)
                    })
                    .collect(),
                precoders: vec![PrecodeEncoder::default(); streams],
                messages: Array2::zeros((streams * words, code.k)),
                group: Array2::zeros((streams, group)),
                // The first group is cut at its front so that the others stand where they should.
                at: if late == 0 { group } else { group - late },
                made: 0,
                first: start.div_ceil(group as u64),
                block: Array2::zeros((streams, block)),
                draws: vec![0; 5 * words * code.k],
            },
            receiver: Receiver {
                precoders: vec![PrecodeDecoder::default(); streams],
                begun: vec![false; streams],
                wrong: vec![false; streams],
                group: Array2::zeros((streams, group)),
                filled: 0,
                pending: 0,
                rest: vec![Vec::with_capacity(block); streams],
                sent: VecDeque::new(),
                spare: Vec::new(),
                words: Array2::zeros((groups * streams * words, code.n)),
                truth: Vec::with_capacity(groups),
                work: plan.rs.workspace(),
                report: Report::new(),
            },
            count: CodedCount::new(&code, *plan.lane.path())?,
        })
    }

    /// Makes the next `n` symbols of every stream; [`Self::line`] has them.
    pub(super) fn send(&mut self, n: usize) -> Result<()> {
        let group = self.plan.group();
        let mut done = 0;
        if self.sender.made == 0 {
            let at = self.sender.at;
            if at < group {
                self.next_group()?;
                self.sender.at = at;
            }
        }
        while done < n {
            if self.sender.at == group {
                self.next_group()?;
            }
            let sender = &mut self.sender;
            let more = (group - sender.at).min(n - done);
            sender
                .block
                .slice_mut(s![.., done..done + more])
                .assign(&sender.group.slice(s![.., sender.at..sender.at + more]));
            sender.at += more;
            done += more;
        }
        Ok(())
    }

    fn next_group(&mut self) -> Result<()> {
        let (plan, sender) = (self.plan, &mut self.sender);
        let interleave = plan.lane.path().interleave;
        let code = plan.rs.code();
        for (s, random) in sender.random.iter().enumerate() {
            random.fill_symbols(sender.made * sender.draws.len() as u64, &mut sender.draws);
            let (draws, _) = sender.draws.as_chunks::<5>();
            let mut rows = sender
                .messages
                .slice_mut(s![s * interleave..(s + 1) * interleave, ..]);
            for (symbol, five) in rows.iter_mut().zip(draws) {
                *symbol = five.iter().fold(0, |x, &two| x << 2 | u16::from(two));
            }
        }
        let mut words = (self.receiver.spare.pop())
            .unwrap_or_else(|| Array2::zeros((sender.messages.nrows(), code.n)));
        plan.rs
            .encode_batch(sender.messages.view(), words.view_mut())?;
        for (s, (precoder, mut line)) in
            (sender.precoders.iter_mut().zip(sender.group.rows_mut())).enumerate()
        {
            let words = words.slice(s![s * interleave..(s + 1) * interleave, ..]);
            if let Some(line) = line.as_slice_mut() {
                plan.lane.send(precoder, words, line)?;
            }
        }
        if sender.made >= sender.first {
            self.receiver.sent.push_back(words);
        } else {
            self.receiver.spare.push(words);
        }
        self.sender.made += 1;
        self.sender.at = 0;
        Ok(())
    }

    /// The symbols that [`Self::send`] made for a stream.
    pub(super) fn line(&self, stream: usize, n: usize) -> &[u8] {
        let row = self.sender.block.row(stream);
        row.to_slice().map_or(&[], |row| &row[..n])
    }

    /// Takes the decisions of a stream's block; those before `first` are not counted.
    pub(super) fn receive(
        &mut self,
        stream: usize,
        sent: &[u8],
        decided: &[u8],
        first: usize,
    ) -> Result<()> {
        let receiver = &mut self.receiver;
        // The precoder's state before the first symbol that counts.
        if !receiver.begun[stream] && first > 0 {
            let mut last = [decided[first - 1]];
            receiver.precoders[stream].decode_in_place(&mut last)?;
        }
        let decisions = &decided[first..];
        if decisions.is_empty() {
            return Ok(());
        }
        receiver.begun[stream] = true;
        let last = &mut receiver.wrong[stream];
        self.count.compare(&sent[first..], decisions, last);
        let mut row = receiver.group.row_mut(stream);
        let Some(row) = row.as_slice_mut() else {
            return Err(Error::NotContiguous {
                name: "decisions".into(),
            });
        };
        let now = decisions.len().min(row.len() - receiver.filled);
        row[receiver.filled..receiver.filled + now].copy_from_slice(&decisions[..now]);
        receiver.rest[stream].clear();
        receiver.rest[stream].extend_from_slice(&decisions[now..]);
        receiver.pending = decisions.len();
        Ok(())
    }

    /// After every stream's block: whole groups become words.
    pub(super) fn advance(&mut self) -> Result<()> {
        let mut left = std::mem::take(&mut self.receiver.pending);
        while left > 0 {
            let group = self.plan.group();
            let now = left.min(group - self.receiver.filled);
            self.receiver.filled += now;
            left -= now;
            if self.receiver.filled < group {
                break;
            }
            self.whole_group()?;
            // What did not fit begins the next group.
            let receiver = &mut self.receiver;
            receiver.filled = 0;
            for (rest, mut row) in receiver.rest.iter_mut().zip(receiver.group.rows_mut()) {
                let n = rest.len().min(group);
                for (to, from) in row.iter_mut().zip(rest.drain(..n)) {
                    *to = from;
                }
            }
        }
        Ok(())
    }

    fn whole_group(&mut self) -> Result<()> {
        let receiver = &mut self.receiver;
        let lane = &self.plan.lane;
        let interleave = lane.path().interleave;
        let Some(truth) = receiver.sent.pop_front() else {
            return Ok(());
        };
        let rows = truth.nrows();
        let before = receiver.truth.len() * rows;
        receiver.truth.push(truth);
        for (s, (precoder, mut line)) in
            (receiver.precoders.iter_mut().zip(receiver.group.rows_mut())).enumerate()
        {
            let from = before + s * interleave;
            let words = receiver.words.slice_mut(s![from..from + interleave, ..]);
            if let Some(line) = line.as_slice_mut() {
                lane.receive(precoder, line, words)?;
            }
        }
        // The next group would not fit.
        if before + 2 * rows > receiver.words.nrows() {
            self.decode()?;
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<()> {
        let Receiver {
            words,
            truth,
            spare,
            work,
            report,
            ..
        } = &mut self.receiver;
        let rows: usize = truth.iter().map(Array2::nrows).sum();
        let code = self.plan.rs.code();
        let mut words = words.slice_mut(s![..rows, ..]);
        let sent = || truth.iter().flat_map(|group| group.outer_iter());
        for (word, sent) in words.outer_iter().zip(sent()) {
            if let (Some(word), Some(sent)) = (word.to_slice(), sent.to_slice()) {
                self.count.received(sent, word);
            }
        }
        self.plan.rs.decode_batch(work, words.view_mut(), report)?;
        for ((word, sent), outcome) in words.outer_iter().zip(sent()).zip(report.outcomes()) {
            if let (Some(word), Some(sent)) = (word.to_slice(), sent.to_slice()) {
                let message = (&sent[..code.k], &word[..code.k]);
                self.count.decoded(message, outcome.errors(), sent == word);
            }
        }
        spare.append(truth);
        Ok(())
    }

    /// What the run counted; words that it did not complete are dropped.
    pub(super) fn finish(mut self) -> Result<CodedCount> {
        if !self.receiver.truth.is_empty() {
            self.decode()?;
        }
        Ok(self.count)
    }
}

internal import Archive
internal import Crypto
internal import DICOMCore
internal import Foundation

/// Goes through the log once and puts together what belongs to each exam or order.
///
/// Small for each of them, since there may be a million: keys are hashes, and of names each is kept once.
struct OccasionBook {
    /// The first 128 bits of a SHA-256.
    private struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ parts: [String]) {
            var digest = SHA256()
            for part in parts {
                digest.update(data: Data(part.utf8))
                digest.update(data: Data([0]))
            }
            let bytes = Array(digest.finalize())
            func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            (high, low) = (number(0..<8), number(8..<16))
        }
    }

    private struct Entry {
        /// Of the first reminder or decision, in milliseconds since 1970; nil before.
        var offeredAt: Int64?
        var group: Int32 = -1
        /// Whether who decided gave the group.
        var isGroupOfDecision = false
        var occasion = Occasion()
        /// Of one that turned out to be the same: where it goes on.
        var successor: Int32 = -1

        /// Takes in what was noted of the same occasion apart.
        mutating func take(_ other: Entry) {
            offeredAt = [offeredAt, other.offeredAt].compactMap(\.self).min()
            if group < 0 || other.isGroupOfDecision && !isGroupOfDecision {
                (group, isGroupOfDecision) = (other.group, other.isGroupOfDecision)
            }
            occasion.isReminded = occasion.isReminded || other.occasion.isReminded
            occasion.isOpenedAfterReminder = occasion.isOpenedAfterReminder || other.occasion.isOpenedAfterReminder
            occasion.isRecognisable = occasion.isRecognisable || other.occasion.isRecognisable
            occasion.isRepeated = occasion.isRepeated || other.occasion.isRepeated
        }
    }

    /// What of an occasion is about one prior.
    private struct Proposal {
        let entry: Int32
        var isRecognised = false
        var isDeclined = false
        var agrees: Bool?
    }

    private let grouping: IndicatorValue.Grouping?
    private let moment: Int64
    private var places: [Key: Int32] = [:]
    private var entries: [Entry] = []
    private var proposals: [Key: Proposal] = [:]
    private var names: [String] = []
    private var numbers: [String: Int32] = [:]
    /// Events that were counted in.
    private(set) var eventCount = 0
    /// Recognition events of a later version, which nobody here understands.
    private(set) var unknownCount = 0

    /// - Parameter moment: later events do not count, so a past figure comes out as it was.
    init(by grouping: IndicatorValue.Grouping?, asOf moment: Date) {
        self.grouping = grouping
        self.moment = Int64((moment.timeIntervalSince1970 * 1000).rounded(.down))
    }

    mutating func add(_ fields: EventFields) {
        guard fields["record"] == RecognitionEvent.recordName else { return }
        guard fields.integer("version").map({ $0 <= RecognitionEvent.recordVersion }) ?? false,
            let kind = fields["kind"].flatMap(RecognitionEvent.Kind.init(rawValue:)),
            let at = fields.milliseconds("at"), let prior = fields["prior"]
        else {
            unknownCount += 1
            return
        }
        guard at <= moment else { return }
        eventCount += 1
        let (person, item, reference) = (fields["person"] ?? "", fields["item"] ?? "", fields["reference"] ?? "")
        // Of an exam without a number each prior stands for itself.
        let about = reference.isEmpty ? ["", prior] : [reference]
        let key = Key([item] + about + [prior])
        let place = place(of: Key(["person", person, item] + about), proposals[key]?.entry)
        note(fields, kind, at: at, in: Int(place))
        var proposal = proposals[key] ?? Proposal(entry: place)
        switch kind {
        // The last decision holds: a doctor may think again.
        case .recognised: (proposal.isRecognised, proposal.isDeclined) = (true, false)
        case .declined: (proposal.isRecognised, proposal.isDeclined) = (false, true)
        case .followedUp: proposal.agrees = fields.flag("agrees") ?? proposal.agrees
        case .reminded, .opened, .repeated: break
        }
        proposals[key] = proposal
    }

    /// - Parameters:
    ///   - key: of person, item and number. Numbers of orders are not unique beyond a person.
    ///   - known: where the same prior was proposed for it before, perhaps while the person had another ID.
    private mutating func place(of key: Key, _ known: Int32?) -> Int32 {
        let places = [known, self.places[key]].compactMap { $0.map(last) }
        guard let place = places.first else {
            let place = Int32(entries.count)
            self.places[key] = place
            entries.append(Entry())
            return place
        }
        if let other = places.last, other != place {
            entries[Int(place)].take(entries[Int(other)])
            entries[Int(other)] = Entry(successor: place)
        }
        self.places[key] = place
        return place
    }

    /// Where what was noted at `place` goes on.
    private func last(_ place: Int32) -> Int32 {
        var place = place
        while entries[Int(place)].successor >= 0 { place = entries[Int(place)].successor }
        return place
    }

    private mutating func note(_ fields: EventFields, _ kind: RecognitionEvent.Kind, at: Int64, in place: Int) {
        let isDecision = kind == .recognised || kind == .declined
        if isDecision || !entries[place].isGroupOfDecision, let name = group(of: fields), !name.isEmpty,
            isDecision || entries[place].group < 0
        {
            entries[place].group = number(of: name)
            entries[place].isGroupOfDecision = isDecision
        }
        switch kind {
        case .reminded, .recognised, .declined:
            entries[place].offeredAt = entries[place].offeredAt ?? at
            if kind == .reminded { entries[place].occasion.isReminded = true }
            // A reminder beside the exam itself is shown to who reads it: there is nothing left to accept or to save.
            let isOffer = kind != .reminded || fields.flag("examMade") != true
            if isOffer, fields["verdict"] == Recognition.Verdict.recognised.rawValue {
                entries[place].occasion.isRecognisable = true
            }
        case .opened:
            if entries[place].occasion.isReminded { entries[place].occasion.isOpenedAfterReminder = true }
        case .repeated: entries[place].occasion.isRepeated = true
        case .followedUp: break
        }
    }

    private func group(of fields: EventFields) -> String? {
        switch grouping {
        case .institution: fields["institution"]
        case .department: fields["department"]
        case .doctor: fields["actor"]
        case .item: fields["item"]
        case .month, nil: nil
        }
    }

    private mutating func number(of name: String) -> Int32 {
        if let number = numbers[name] { return number }
        let number = Int32(names.count)
        numbers[name] = number
        names.append(name)
        return number
    }

    /// The occasions first offered in `period`, by the name of their group; `-` for one that names none.
    func occasions(in period: Range<Date>, zone: TimeZone) -> [(group: String, occasion: Occasion)] {
        var entries = entries
        for proposal in proposals.values {
            let place = Int(last(proposal.entry))
            if proposal.isRecognised {
                entries[place].occasion.isRecognised = true
                if let agrees = proposal.agrees {
                    entries[place].occasion.agrees = agrees && entries[place].occasion.agrees ?? true
                }
            }
            if proposal.isDeclined { entries[place].occasion.isDeclined = true }
        }
        return entries.compactMap { entry in
            guard let offered = entry.offeredAt.map({ EventTime.date(milliseconds: $0) }), period.contains(offered)
            else { return nil }
            var occasion = entry.occasion
            if occasion.isRecognised { occasion.isDeclined = false }
            return (name(of: entry, offered, zone), occasion)
        }
    }

    private func name(of entry: Entry, _ offered: Date, _ zone: TimeZone) -> String {
        guard grouping == .month else { return entry.group < 0 ? "-" : names[Int(entry.group)] }
        let day = CalendarDay(seconds: offered.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: offered)))
        return String(day.description.prefix(6))
    }
}

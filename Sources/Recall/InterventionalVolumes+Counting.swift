public import Archive
public import Catalogue
public import DICOMCore

extension InterventionalVolumes {
    /// Which studies are counted.
    public struct Scope: Sendable, Equatable {
        public var range: ReportRange
        /// By name or id.
        public var institution: String?
        /// Compared as operators are.
        public var name: String?

        public init(range: ReportRange, institution: String? = nil, name: String? = nil) {
            self.range = range
            self.institution = institution
            self.name = name
        }
    }

    /// Counts the angiography studies of the index, one at a time. What is asked over a career is counted from the first
    /// study on.
    ///
    /// - Parameter institutions: those that studies are put together by, whatever of their names they bear.
    public init(
        in scope: Scope, index: StudyIndex, library: CatalogueLibrary, requirements: [InterventionalRequirement],
        institutions: InstitutionRegister = InstitutionRegister(), today: CalendarDay = .today()
    ) throws(ArchiveError) {
        var listed: [String: Procedure] = [:]
        var interventions: Set<String> = []
        for edition in library.editions {
            guard let list = edition.procedures else { continue }
            for procedure in list.procedures {
                let entry = "\(edition.id.value)/\(procedure.id)"
                if procedure.domain != nil {
                    listed[entry] = procedure
                } else if procedure.isInterventional {
                    interventions.insert(entry)
                }
            }
        }
        let first = scope.range.firstDate ?? ""
        let place = scope.institution.map { institutions.label(of: $0) }
        var book = VolumeBook()
        var spellings: [String: Set<String>] = [:]
        try index.forEachPerformedStudy(modality: "XA", in: ReportRange(lastDate: scope.range.lastDate)) { study in
            let label = institutions.label(of: study.institution, from: study.sourceAETitle)
            guard place == nil || label == place else { return }
            if !study.institution.isEmpty { spellings[label, default: []].insert(study.institution) }
            let one = InterventionalCase(
                study, institution: label, techniques: listed, interventions: interventions, today: today)
            book.add(one, isInside: study.date >= first)
        }
        var places: [String: Set<String>] = [:]
        for (label, names) in spellings {
            for modality in ["CT", "MR", "US"] where try index.has(modalities: [modality], atAny: names.sorted()) {
                places[label, default: []].insert(modality)
            }
        }
        let known = Dictionary(listed.values.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        techniques = known.values.sorted { $0.id < $1.id }
        let years = book.years.values.sorted { ($0.institution, $0.year) < ($1.institution, $1.year) }
        self.years = years
        let wanted = scope.name.flatMap { OperatorName($0) }
        let judge = RequirementJudge(
            book: book, techniques: techniques, modalities: places,
            isWhole: { scope.range.holdsAll(ofYear: $0, by: today) }, wanted: wanted)
        operators = book.operators(wanted: wanted)
        findings = requirements.flatMap { judge.findings(for: $0, years: years) }
    }
}

extension ReportRange {
    /// Whether every day of a year is in the range and before `today`.
    fileprivate func holdsAll(ofYear year: String, by today: CalendarDay) -> Bool {
        let (first, last) = (year + "0101", year + "1231")
        return (firstDate ?? first) <= first && (lastDate ?? last) >= last && last < today.description
    }
}

/// The sums, while they are made.
struct VolumeBook {
    struct Place: Hashable {
        let institution: String
        let year: String
    }

    struct Desk: Hashable {
        let place: Place
        let name: OperatorName
    }

    /// What one operator did up to the end of the period, whatever the institution's year.
    struct Career {
        /// What was done as the first-named in one domain.
        struct Independent {
            var tally = InterventionalVolumes.Tally()
            var firstDay: CalendarDay?
            var lastDay: CalendarDay?

            /// Between the first and the last case; nil where none is dated.
            var wholeYears: Int? {
                guard let firstDay, let lastDay else { return nil }
                let isShort = (lastDay.month, lastDay.day) < (firstDay.month, firstDay.day)
                return lastDay.year - firstDay.year - (isShort ? 1 : 0)
            }

            mutating func add(_ level: Int, on day: CalendarDay?) {
                tally.add(level)
                guard let day else { return }
                firstDay = min(firstDay ?? day, day)
                lastDay = max(lastDay ?? day, day)
            }
        }

        var domains: [Procedure.Domain: Independent] = [:]
        var assistedLevel4: [Procedure.Domain: Int] = [:]
    }

    private(set) var years: [Place: InterventionalVolumes.Year] = [:]
    private(set) var desks: [Desk: InterventionalVolumes.Operator] = [:]
    private(set) var careers: [OperatorName: Career] = [:]
    /// First spellings and sounds, over all studies.
    private var sounds: [String: Set<String>] = [:]

    mutating func add(_ one: InterventionalCase, isInside: Bool) {
        let place = Place(institution: one.institution, year: one.year)
        for name in one.operators where !name.sound.isEmpty { sounds[name.sound, default: []].insert(name.display) }
        if isInside {
            var year = years[place] ?? .init(institution: place.institution, year: place.year)
            year.studies += 1
            if one.isVietnamese { year.vietnamese += 1 }
            if let level = one.level() {
                year.total.add(level)
                if one.operators.isEmpty { year.withoutOperator += 1 }
            }
            for domain in Procedure.Domain.allCases {
                if let level = one.level(domain) { year.domains[domain, default: .init()].add(level) }
            }
            for technique in one.techniques { year.techniques[technique.id, default: 0] += 1 }
            years[place] = year
        }
        guard let level = one.level() else { return }
        let levels = Procedure.Domain.allCases.reduce(into: [Procedure.Domain: Int]()) { $0[$1] = one.level($1) }
        for (rank, name) in one.operators.enumerated() {
            var career = careers[name] ?? Career()
            for (domain, level) in levels {
                if rank == 0 {
                    career.domains[domain, default: .init()].add(level, on: one.day)
                } else if level == 4 {
                    career.assistedLevel4[domain, default: 0] += 1
                }
            }
            careers[name] = career
            guard isInside else { continue }
            let desk = Desk(place: place, name: name)
            var sums =
                desks[desk] ?? .init(institution: place.institution, year: place.year, name: name.display)
            if rank == 0 {
                sums.firstTotal.add(level)
                for (domain, level) in levels { sums.first[domain, default: .init()].add(level) }
            } else {
                sums.assisting.add(level)
            }
            desks[desk] = sums
        }
    }

    /// By institution, year and cases.
    ///
    /// - Parameter wanted: only this one and those who may be the same.
    func operators(wanted: OperatorName?) -> [InterventionalVolumes.Operator] {
        desks.filter { desk, _ in wanted.map { desk.name.mayBe($0) } ?? true }.map { desk, sums in
            var sums = sums
            sums.mayBe = (sounds[desk.name.sound] ?? []).subtracting([sums.name]).sorted()
            return sums
        }.sorted {
            ($0.institution, $0.year, -$0.firstTotal.cases, -$0.assisting.cases, $0.name)
                < ($1.institution, $1.year, -$1.firstTotal.cases, -$1.assisting.cases, $1.name)
        }
    }
}

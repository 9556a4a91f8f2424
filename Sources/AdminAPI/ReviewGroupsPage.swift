public import DICOMCore

/// Unmapped studies grouped by description and modality, most frequent first: `priorctl review list`.
public struct ReviewGroupsPage: Codable, Sendable, Equatable {
    public struct Tally: Codable, Sendable, Equatable {
        public var name: String
        public var count: Int

        public init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    public struct Group: Codable, Sendable, Equatable {
        /// As most of the studies write it; "" for those without a description.
        public var description: String
        public var modality: String
        public var count: Int
        /// Institution Names, most frequent first, at most twenty.
        public var sites: [Tally]
        /// Calling AE Titles, likewise.
        public var senders: [Tally]
        /// Study Dates, `YYYYMMDD`.
        public var firstDate: String
        public var lastDate: String
        /// The newest study of the group, which `reason` and `candidates` are from.
        public var newestStudy: StudyInstanceUID
        public var reason: String
        public var candidates: [String]

        public init(
            description: String, modality: String, count: Int, sites: [Tally], senders: [Tally], firstDate: String,
            lastDate: String, newestStudy: StudyInstanceUID, reason: String, candidates: [String]
        ) {
            self.description = description
            self.modality = modality
            self.count = count
            self.sites = sites
            self.senders = senders
            self.firstDate = firstDate
            self.lastDate = lastDate
            self.newestStudy = newestStudy
            self.reason = reason
            self.candidates = candidates
        }
    }

    public var groups: [Group]
    /// On all pages.
    public var total: Int
    /// In all groups.
    public var studyTotal: Int
    public var limit: Int
    public var offset: Int

    public init(groups: [Group], total: Int, studyTotal: Int, limit: Int, offset: Int) {
        self.groups = groups
        self.total = total
        self.studyTotal = studyTotal
        self.limit = limit
        self.offset = offset
    }
}

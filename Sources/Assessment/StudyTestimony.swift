public import DICOMCore

/// What others said of a study, as opposed to what its objects say of themselves.
public struct StudyTestimony: Sendable, Equatable {
    /// What its modality performed, oldest first (MPPS, PS3.4 F.7).
    public var steps: [Step] = []
    /// What its sender wanted kept, oldest first (Storage Commitment, PS3.4 J).
    public var commitmentLists: [CommitmentList] = []
    /// What its senders have of it, the newest answer of each (C-FIND, PS3.4 C.6.2).
    public var senderAnswers: [SenderAnswer] = []

    public init() {}

    /// Whether the modality says that it is not done: one of its steps is in progress.
    var isInProgress: Bool { steps.contains { $0.status == .inProgress } }

    /// An Instance that somebody named.
    public struct Instance: Sendable, Equatable {
        public var sopInstanceUID: SOPInstanceUID
        public var sopClassUID: SOPClassUID
        /// The study it is stored in; nil when it is not here.
        public var holder: StudyInstanceUID?

        public init(sopInstanceUID: SOPInstanceUID, sopClassUID: SOPClassUID, holder: StudyInstanceUID?) {
            self.sopInstanceUID = sopInstanceUID
            self.sopClassUID = sopClassUID
            self.holder = holder
        }
    }

    /// A Performed Procedure Step that names this study.
    public struct Step: Sendable, Equatable {
        public enum Status: Sendable { case inProgress, completed, discontinued }

        public struct Series: Sendable, Equatable {
            public var seriesInstanceUID: SeriesInstanceUID
            public var instances: [Instance]

            public init(seriesInstanceUID: SeriesInstanceUID, instances: [Instance]) {
                self.seriesInstanceUID = seriesInstanceUID
                self.instances = instances
            }
        }

        public var uid: SOPInstanceUID
        public var status: Status
        /// What the modality made, as it said last.
        public var series: [Series]
        /// How many studies the step names; it does not say which of its series belongs to which.
        public var studyCount: Int

        public init(uid: SOPInstanceUID, status: Status, series: [Series], studyCount: Int = 1) {
            self.uid = uid
            self.status = status
            self.series = series
            self.studyCount = studyCount
        }
    }

    /// Instances of which some are stored in this study. A list names no study: those not here may belong to another.
    public struct CommitmentList: Sendable, Equatable {
        public var peer: AETitle
        public var instances: [Instance]

        public init(peer: AETitle, instances: [Instance]) {
            self.peer = peer
            self.instances = instances
        }
    }
}

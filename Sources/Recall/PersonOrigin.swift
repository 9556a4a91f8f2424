internal import Archive
internal import DICOMCore

/// Who numbered a patient: an issuer, or the place where no issuer is named.
struct PersonOrigin: Hashable {
    let issuer: String
    /// "" beside an issuer.
    let place: String

    /// Two hospitals without issuers count their patients alike, so the institution takes the issuer's place; where that is
    /// not named either, the sender does.
    ///
    /// - Parameter known: the institution, where the configuration knows it.
    init(issuer: String, institution: String, sourceAETitle: AETitle? = nil, known: Institution?) {
        let issuer = issuer.isEmpty ? known?.issuer ?? "" : issuer
        self.issuer = issuer
        let name = SearchText.fold(institution)
        if !issuer.isEmpty {
            place = ""
        } else if let known {
            place = known.id
        } else {
            place = name.isEmpty ? "ae:\(sourceAETitle?.value ?? "")" : name
        }
    }

    init(_ study: IdentityStudy, in register: InstitutionRegister) {
        self.init(
            issuer: study.patient.issuer, institution: study.institution, sourceAETitle: study.sourceAETitle,
            known: register.institution(named: study.institution, from: study.sourceAETitle))
    }
}

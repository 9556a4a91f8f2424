print("priorctl")

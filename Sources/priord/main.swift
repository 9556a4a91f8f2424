print("priord")

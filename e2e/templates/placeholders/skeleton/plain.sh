echo ${{ untouched }}

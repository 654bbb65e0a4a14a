# The figure of results/trivial-minimizers, from the tables beside it: gnuplot -c results/trivial-minimizers.gp FOLDER
folder = ARG1
set encoding utf8
set minussign
set datafile separator ','
array data[3] = ['clustered', 'unclustered', 'permuted']
array name[3] = ['four discs', 'no clusters', 'four discs, labels permuted']
array color[3] = ['#0072B2', '#E69F00', '#CC79A7']
file(k, flow) = sprintf("%s/%s-%s.csv", folder, data[k], flow)

do for [kind in "svg png"] {
  if (kind eq "svg") {
    set terminal svg size 1000,340 dynamic linewidth 1 font 'Helvetica,12' background '#ffffff'
  } else {
    set terminal pngcairo size 2000,680 fontscale 1.5 linewidth 2 pointscale 2 font 'Helvetica,12' background '#ffffff'
  }
  set output sprintf("%s/curves.%s", folder, kind)
  set border 3 lw 0.8 lc rgb '#555555'
  set tics textcolor '#333333' nomirror out scale 0.6,0.3 font ',10'
  set grid xtics ytics lc rgb '#e9ecef' lw 0.6 lt 1 dt 1
  set xlabel 't' offset 0,0.3; set logscale x; set xrange [0.01:1000]; set format x '10^{%L}'
  set multiplot layout 1,2 margins screen 0.065,0.985,0.16,0.90 spacing screen 0.085
  set title 'loss' offset 0,-0.6; set ylabel 'L' offset 0.6,0; set yrange [0:0.75]
  set key inside top right Left reverse samplen 1.8 font ',10' textcolor '#222222'
  plot for [k=1:3] file(k, 'vanilla') every ::2 using 1:2 with lines lw 1.6 dt k lc rgb '#777777' \
         title 'vanilla, '.name[k], \
       for [k=1:3] file(k, 'infinite-width') every ::2 using 1:2 with lines lw 1.8 dt k lc rgb color[k] title 'network, '.name[k]
  set title 'separation of the labels'; set ylabel 'S'; set yrange [0:1]
  set key inside top right
  plot for [k=1:3] file(k, 'vanilla') every ::2 using 1:3 with lines lw 1.6 dt k lc rgb '#777777' notitle, \
       for [k=1:3] file(k, 'infinite-width') every ::2 using 1:3 with lines lw 1.8 dt k lc rgb color[k] notitle
  unset multiplot
  set output
}
